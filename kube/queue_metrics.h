// SPDX-License-Identifier: Apache-2.0
// What a work queue counts, under the names of client-go's workqueue, which dashboards read.
#pragma once

#include <chrono>
#include <string>

#include "base/metrics.h"

namespace skiff::kube {

// Of one queue. The registry owns the figures and outlives this.
class QueueMetrics {
 public:
  QueueMetrics(metrics::Registry& registry, const std::string& name);

  void added(size_t depth);
  void retried() { retries_.Increment(); }
  // A key was taken `waited` after it was added.
  void taken(std::chrono::nanoseconds waited, size_t depth);
  void worked(std::chrono::nanoseconds took);

 private:
  metrics::Counter& adds_;
  metrics::Counter& retries_;
  metrics::Gauge& depth_;
  metrics::Histogram& waited_;
  metrics::Histogram& worked_;
};

}  // namespace skiff::kube
