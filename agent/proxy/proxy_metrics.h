// SPDX-License-Identifier: Apache-2.0
// What the proxy counts, under kube-proxy's names where kube-proxy has one: its dashboards work.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/proxy/frontend_writer.h"
#include "base/metrics.h"
#include "kube/object_key.h"

namespace skiff::proxy {

class ProxyMetrics {
 public:
  explicit ProxyMetrics(metrics::Registry& registry);

  // A Service or its endpoints have changed, and are not in the maps yet.
  void service_changed(const kube::ObjectKey& service, TimePoint now);
  void endpoints_changed(const kube::ObjectKey& service, const SlicePtr& before,
                         const SlicePtr& after, TimePoint now);
  // All changes of the Service so far have been written (`ok`) or could not be.
  void synced(const kube::ObjectKey& service, TimePoint began, TimePoint now, const Status& status);
  // All Services have been written, one after the other.
  void all_synced(TimePoint began, TimePoint now);
  void refused() { refused_.Increment(); }
  void stale_sockets(int count) { stale_sockets_.Increment(count); }
  // Whether the Service has clients here whom its traffic policy leaves without an endpoint.
  void no_local_endpoints(const kube::ObjectKey& service, const ServicePlan& plan);
  void sizes(const FrontendWriter& writer);

 private:
  struct Pending {
    TimePoint since;
    std::vector<TimePoint> triggers;  // when the endpoints changed, by their controller's clock
    bool service = false;
    bool endpoints = false;
  };
  Pending& pending(const kube::ObjectKey& service, TimePoint now);

  metrics::Histogram& sync_seconds_;
  metrics::Histogram& full_seconds_;
  metrics::Histogram& partial_seconds_;
  metrics::Histogram& programming_seconds_;
  metrics::Histogram& event_seconds_;
  metrics::Gauge& last_sync_;
  metrics::Gauge& last_queued_;
  metrics::Gauge& endpoints_pending_;
  metrics::Gauge& services_pending_;
  metrics::Counter& endpoint_changes_;
  metrics::Counter& service_changes_;
  metrics::Counter& failures_;
  metrics::Counter& map_full_;
  metrics::Counter& refused_;
  metrics::Counter& stale_sockets_;
  metrics::Gauge& no_local_internal_;
  metrics::Gauge& no_local_external_;
  metrics::Gauge& frontends_;
  metrics::Gauge& slots_used_;
  metrics::Gauge& slots_;
  bool whole_ = false;  // all_synced() was called: what comes now is one Service
  std::map<kube::ObjectKey, Pending> pending_;
  std::set<kube::ObjectKey> without_internal_;
  std::set<kube::ObjectKey> without_external_;
};

// When the endpoints of a slice last changed, as its controller noted it; nothing if it did not.
std::optional<TimePoint> last_change_of(const api::EndpointSlice& slice);

}  // namespace skiff::proxy
