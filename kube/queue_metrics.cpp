// SPDX-License-Identifier: Apache-2.0
#include "kube/queue_metrics.h"

namespace skiff::kube {
namespace {

// 10 us to 42 s.
const metrics::Buckets& buckets() {
  static const metrics::Buckets bounds = metrics::exponential_buckets(1e-5, 4, 12);
  return bounds;
}

}  // namespace

QueueMetrics::QueueMetrics(metrics::Registry& registry, const std::string& name)
    : adds_(metrics::counter(registry, "workqueue_adds_total", "Keys added.", {{"name", name}})),
      retries_(metrics::counter(registry, "workqueue_retries_total",
                                "Keys that come back after a failure.", {{"name", name}})),
      depth_(metrics::gauge(registry, "workqueue_depth", "Keys that wait.", {{"name", name}})),
      waited_(metrics::histogram(registry, "workqueue_queue_duration_seconds",
                                 "How long keys wait.", buckets(), {{"name", name}})),
      worked_(metrics::histogram(registry, "workqueue_work_duration_seconds",
                                 "How long one key takes.", buckets(), {{"name", name}})) {}

void QueueMetrics::added(size_t depth) {
  adds_.Increment();
  depth_.Set(static_cast<double>(depth));
}

void QueueMetrics::taken(std::chrono::nanoseconds waited, size_t depth) {
  waited_.Observe(metrics::seconds(waited));
  depth_.Set(static_cast<double>(depth));
}

void QueueMetrics::worked(std::chrono::nanoseconds took) {
  worked_.Observe(metrics::seconds(took));
}

}  // namespace skiff::kube
