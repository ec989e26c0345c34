// SPDX-License-Identifier: Apache-2.0
// WorkQueue: keys that need work. A key is in work at most once at a time; a key added while in
// work is handed out again after done(); many adds before that are one (the semantics of
// client-go's workqueue). Lives on one loop.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/async.h"
#include "kube/object_key.h"
#include "kube/queue_metrics.h"

namespace skiff::kube {

struct BackoffOptions {
  std::chrono::milliseconds first{50};
  std::chrono::milliseconds most{30'000};
};

class WorkQueue {
 public:
  // `metrics` null: nothing is counted. It outlives the queue.
  explicit WorkQueue(const Executor& executor, BackoffOptions backoff = {},
                     QueueMetrics* metrics = nullptr);

  void add(const ObjectKey& key);
  // Adds `key` after `delay`; the earliest of several pending delays of a key counts.
  void add_after(const ObjectKey& key, std::chrono::nanoseconds delay);
  // Adds `key` after its back-off: doubled with each call until forget().
  void add_backed_off(const ObjectKey& key);
  void forget(const ObjectKey& key) { failures_.erase(key); }
  int failures(const ObjectKey& key) const;

  // The next key, or nothing once the queue is shut down. Each key taken must be given back with
  // done().
  awaitable<std::optional<ObjectKey>> take();
  void done(const ObjectKey& key);
  void shut_down();

  size_t depth() const { return queue_.size(); }
  bool idle() const { return queue_.empty() && processing_.empty(); }
  // Since when something has been waiting, in work or failing; nothing if all is done.
  std::optional<std::chrono::steady_clock::time_point> behind_since() const {
    return behind_since_;
  }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void arm();
  void release_due();

  BackoffOptions backoff_;
  QueueMetrics* metrics_;
  std::deque<ObjectKey> queue_;
  std::unordered_map<ObjectKey, SteadyTime> dirty_;  // and since when
  std::unordered_set<ObjectKey> processing_;
  std::unordered_map<ObjectKey, int> failures_;
  std::unordered_map<ObjectKey, SteadyTime> delayed_;
  std::set<std::pair<SteadyTime, ObjectKey>> by_time_;
  Event wakeup_;
  asio::steady_timer timer_;
  std::optional<SteadyTime> behind_since_;
  bool shut_down_ = false;
};

}  // namespace skiff::kube
