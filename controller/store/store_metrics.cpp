// SPDX-License-Identifier: Apache-2.0
#include "controller/store/store_metrics.h"

namespace skiff::store {
namespace {

metrics::Histogram& requests(metrics::Registry& registry, const char* operation) {
  return metrics::histogram(registry, "etcd_request_duration_seconds",
                            "From asking the store to write until it is durable.",
                            metrics::exponential_buckets(0.0001, 2, 16),
                            {{"operation", operation}});
}

}  // namespace

StoreMetrics::StoreMetrics(metrics::Registry& registry)
    : fsync_(metrics::histogram(registry, "etcd_disk_wal_fsync_duration_seconds",
                                "Writing one group to the log, with its fsync.",
                                metrics::exponential_buckets(0.0001, 2, 16))),
      group_(metrics::histogram(registry, "skiff_store_group_writes",
                                "Writes that share one fsync.",
                                metrics::exponential_buckets(1, 2, 13))),
      requests_{&requests(registry, "create"), &requests(registry, "update"),
                &requests(registry, "delete")} {}

void StoreMetrics::committed(size_t writes, std::chrono::nanoseconds took) {
  fsync_.Observe(metrics::seconds(took));
  group_.Observe(static_cast<double>(writes));
}

void StoreMetrics::answered(EventType type, std::chrono::nanoseconds took) {
  requests_[static_cast<size_t>(type)]->Observe(metrics::seconds(took));
}

}  // namespace skiff::store
