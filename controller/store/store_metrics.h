// SPDX-License-Identifier: Apache-2.0
// How long writes take, under the names of etcd and of kube-apiserver's etcd client: dashboards for
// them show this store.
#pragma once

#include <chrono>

#include "base/metrics.h"
#include "controller/store/store.h"

namespace skiff::store {

// On the loop. The registry outlives it.
class StoreMetrics {
 public:
  explicit StoreMetrics(metrics::Registry& registry);

  // One group of `writes` went to the disk, fsync included.
  void committed(size_t writes, std::chrono::nanoseconds took);
  // One caller has its answer, `took` after it asked.
  void answered(EventType type, std::chrono::nanoseconds took);

 private:
  metrics::Histogram& fsync_;
  metrics::Histogram& group_;
  metrics::Histogram* requests_[3];  // by EventType
};

}  // namespace skiff::store
