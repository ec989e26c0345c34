// SPDX-License-Identifier: Apache-2.0
// The one engine of everything that converges: keys go into a queue, workers reconcile them,
// failures come back with back-off. A reconcile reads stores, plans, applies; it may fail at any
// point and is run again.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/async.h"
#include "base/result.h"
#include "kube/work_queue.h"

namespace skiff::kube {

// What a successful reconcile asks for: nothing more, or another look after a while.
struct Outcome {
  std::optional<std::chrono::nanoseconds> again_after;

  static Outcome done() { return {}; }
  static Outcome after(std::chrono::nanoseconds delay) { return {delay}; }
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // Brings the object named `key` to its desired state. Level-triggered: never asks what changed.
  // Idempotent.
  virtual awaitable<Result<Outcome>> reconcile(const ObjectKey& key) = 0;
};

// Runs `reconciler` over a queue with `workers` coroutines. The reconciler and this object must
// outlive the loop.
class ReconcileLoop {
 public:
  struct Options {
    std::string name;  // of the controller, for logs
    int workers = 4;
    BackoffOptions backoff;
    metrics::Registry* metrics = nullptr;  // where the queue is counted; outlives the loop
  };
  ReconcileLoop(const Executor& executor, Options options, Reconciler& reconciler);

  void enqueue(const ObjectKey& key) { queue_.add(key); }
  void enqueue_after(const ObjectKey& key, std::chrono::nanoseconds delay) {
    queue_.add_after(key, delay);
  }
  void start();
  void stop() { queue_.shut_down(); }
  // Since when not all is reconciled; nothing if it is.
  std::optional<std::chrono::steady_clock::time_point> behind_since() const {
    return queue_.behind_since();
  }
  // For tests: nothing queued and nothing in work.
  bool idle() const { return queue_.idle(); }

 private:
  awaitable<void> work();

  Executor executor_;
  Options options_;
  Reconciler& reconciler_;
  std::optional<QueueMetrics> metrics_;
  WorkQueue queue_;
};

}  // namespace skiff::kube
