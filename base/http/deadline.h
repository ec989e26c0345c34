// SPDX-License-Identifier: Apache-2.0
// Closes a connection that takes too long for what it is doing.
#pragma once

#include <memory>

#include "base/http/wire.h"

namespace skiff::http {

// arm() is a store in most cases: a running timer is left to fire and looks then whether it is due.
class Deadline {
 public:
  Deadline(const Executor& executor, const std::shared_ptr<Wire>& wire);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Closes the wire in `duration` from now, unless armed anew or disarmed before.
  void arm(std::chrono::steady_clock::duration duration);
  void disarm();
  bool expired() const { return state_->expired; }

 private:
  struct State {
    asio::steady_timer timer;
    std::weak_ptr<Wire> wire;
    std::chrono::steady_clock::time_point due = std::chrono::steady_clock::time_point::max();
    bool waiting = false;
    bool expired = false;
  };
  static void wait(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace skiff::http
