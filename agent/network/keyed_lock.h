// SPDX-License-Identifier: Apache-2.0
// One coroutine at a time per key; different keys do not wait for each other. For the loop's thread
// only.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/async.h"

namespace skiff::network {

class KeyedLock {
  struct State {
    explicit State(const Executor& executor) : released(executor) {}
    std::unordered_set<std::string> held;
    Event released;
  };

 public:
  explicit KeyedLock(const Executor& executor) : state_(std::make_shared<State>(executor)) {}

  // Holds its key until destroyed; may outlive the lock.
  class Guard {
   public:
    Guard(Guard&& other) noexcept = default;
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (!state_) return;
      state_->held.erase(key_);
      state_->released.notify();
    }

   private:
    friend class KeyedLock;
    Guard(std::shared_ptr<State> state, std::string key)
        : state_(std::move(state)), key_(std::move(key)) {}
    std::shared_ptr<State> state_;
    std::string key_;
  };

  awaitable<Guard> acquire(std::string key) {
    const auto state = state_;
    while (!state->held.insert(key).second) co_await state->released.wait();
    co_return Guard(state, std::move(key));
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace skiff::network
