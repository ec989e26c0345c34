// SPDX-License-Identifier: Apache-2.0
#include "kube/reconciler.h"

#include <spdlog/spdlog.h>

namespace skiff::kube {
namespace {

// A conflict means somebody else wrote first: normal, retried, not worth a warning.
spdlog::level::level_enum level_of(const Status& status) {
  return status.code() == StatusCode::kAborted || status.code() == StatusCode::kAlreadyExists
             ? spdlog::level::debug
             : spdlog::level::warn;
}

}  // namespace

ReconcileLoop::ReconcileLoop(const Executor& executor, Options options, Reconciler& reconciler)
    : executor_(executor),
      options_(std::move(options)),
      reconciler_(reconciler),
      metrics_(options_.metrics
                   ? std::optional<QueueMetrics>(std::in_place, *options_.metrics, options_.name)
                   : std::nullopt),
      queue_(executor, options_.backoff, metrics_ ? &*metrics_ : nullptr) {}

void ReconcileLoop::start() {
  for (int i = 0; i < options_.workers; ++i) spawn(executor_, options_.name, work());
}

awaitable<void> ReconcileLoop::work() {
  for (;;) {
    const std::optional<ObjectKey> key = co_await queue_.take();
    if (!key) co_return;
    const auto began = std::chrono::steady_clock::now();
    const Result<Outcome> outcome = co_await reconciler_.reconcile(*key);
    if (metrics_) metrics_->worked(std::chrono::steady_clock::now() - began);
    if (!outcome.ok()) {
      spdlog::log(level_of(outcome.status()), "{} {}: {}, retrying", options_.name, *key,
                  message(outcome.status()));
      queue_.add_backed_off(*key);
    } else {
      queue_.forget(*key);
      if (outcome->again_after) queue_.add_after(*key, *outcome->again_after);
    }
    queue_.done(*key);
  }
}

}  // namespace skiff::kube
