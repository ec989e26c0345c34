// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/proxy_metrics.h"

#include <algorithm>

namespace skiff::proxy {
namespace {

constexpr const char* kTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";

double seconds(TimePoint from, TimePoint to) {
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}
double timestamp(TimePoint at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

// kube-proxy's bounds begin at a quarter of a second; ours below, where the work is done.
metrics::Buckets programming_buckets() {
  metrics::Buckets bounds = {0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5};
  for (int second = 1; second <= 59; ++second) bounds.push_back(second);
  for (int second = 60; second < 120; second += 5) bounds.push_back(second);
  for (int second = 120; second <= 300; second += 30) bounds.push_back(second);
  return bounds;
}

void update(std::set<kube::ObjectKey>& services, const kube::ObjectKey& service, bool in,
            metrics::Gauge& gauge) {
  if (in) {
    services.insert(service);
  } else {
    services.erase(service);
  }
  gauge.Set(static_cast<double>(services.size()));
}

}  // namespace

ProxyMetrics::ProxyMetrics(metrics::Registry& registry)
    : sync_seconds_(metrics::histogram(registry, "kubeproxy_sync_proxy_rules_duration_seconds",
                                       "Time to bring one Service into the datapath.",
                                       metrics::exponential_buckets(0.00001, 2, 20))),
      full_seconds_(metrics::histogram(registry, "kubeproxy_sync_full_proxy_rules_duration_seconds",
                                       "Time to bring all Services into the datapath.",
                                       metrics::exponential_buckets(0.00001, 2, 24))),
      partial_seconds_(metrics::histogram(registry,
                                          "kubeproxy_sync_partial_proxy_rules_duration_seconds",
                                          "Time to bring one changed Service into the datapath.",
                                          metrics::exponential_buckets(0.00001, 2, 20))),
      programming_seconds_(
          metrics::histogram(registry, "kubeproxy_network_programming_duration_seconds",
                             "From a change of endpoints, as their controller noted it, until the "
                             "datapath has it.",
                             programming_buckets())),
      event_seconds_(metrics::histogram(registry, "skiff_proxy_programming_seconds",
                                        "From a watch event until the datapath has it.",
                                        metrics::exponential_buckets(0.00001, 2, 20))),
      last_sync_(metrics::gauge(registry, "kubeproxy_sync_proxy_rules_last_timestamp_seconds",
                                "When a Service was last written.")),
      last_queued_(metrics::gauge(registry,
                                  "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds",
                                  "When a change was last queued.")),
      endpoints_pending_(
          metrics::gauge(registry, "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
                         "Services whose changed endpoints are not in the datapath yet.")),
      services_pending_(metrics::gauge(registry,
                                       "kubeproxy_sync_proxy_rules_service_changes_pending",
                                       "Changed Services that are not in the datapath yet.")),
      endpoint_changes_(metrics::counter(
          registry, "kubeproxy_sync_proxy_rules_endpoint_changes_total", "Changes of endpoints.")),
      service_changes_(metrics::counter(
          registry, "kubeproxy_sync_proxy_rules_service_changes_total", "Changes of Services.")),
      failures_(metrics::counter(registry, "skiff_proxy_sync_failures_total",
                                 "Writes of a Service that failed and are tried again.")),
      map_full_(metrics::counter(registry, "skiff_proxy_map_full_total",
                                 "Writes of a Service for which a map had no room.")),
      refused_(metrics::counter(registry, "skiff_proxy_refused_frontends_total",
                                "Addresses and ports asked for that are not served.")),
      stale_sockets_(metrics::counter(registry, "skiff_proxy_stale_sockets_total",
                                      "Datagram sockets ended because their backend has gone.")),
      no_local_internal_(metrics::gauge(registry,
                                        "kubeproxy_sync_proxy_rules_no_local_endpoints_total",
                                        "Services with policy Local and no endpoint on this node.",
                                        {{"traffic_policy", "internal"}})),
      no_local_external_(metrics::gauge(registry,
                                        "kubeproxy_sync_proxy_rules_no_local_endpoints_total",
                                        "Services with policy Local and no endpoint on this node.",
                                        {{"traffic_policy", "external"}})),
      frontends_(metrics::gauge(registry, "skiff_proxy_frontends", "Frontends in the datapath.")),
      slots_used_(metrics::gauge(registry, "skiff_proxy_backend_slots_used",
                                 "Slots of the backends map in use.")),
      slots_(metrics::gauge(registry, "skiff_proxy_backend_slots", "Slots of the backends map.")) {}

ProxyMetrics::Pending& ProxyMetrics::pending(const kube::ObjectKey& service, TimePoint now) {
  last_queued_.Set(timestamp(now));
  return pending_.try_emplace(service, Pending{now, {}, false, false}).first->second;
}

void ProxyMetrics::service_changed(const kube::ObjectKey& service, TimePoint now) {
  service_changes_.Increment();
  Pending& change = pending(service, now);
  if (!std::exchange(change.service, true)) services_pending_.Increment();
}

void ProxyMetrics::endpoints_changed(const kube::ObjectKey& service, const SlicePtr& before,
                                     const SlicePtr& after, TimePoint now) {
  endpoint_changes_.Increment();
  Pending& change = pending(service, now);
  if (!std::exchange(change.endpoints, true)) endpoints_pending_.Increment();
  const auto trigger = after ? last_change_of(*after) : std::nullopt;
  // A slice that is new to this agent may be old: only changes seen from both sides are timed.
  if (trigger && before && last_change_of(*before) != trigger) change.triggers.push_back(*trigger);
}

void ProxyMetrics::synced(const kube::ObjectKey& service, TimePoint began, TimePoint now,
                          const Status& status) {
  sync_seconds_.Observe(seconds(began, now));
  if (whole_) partial_seconds_.Observe(seconds(began, now));
  if (status.code() == StatusCode::kResourceExhausted) map_full_.Increment();
  if (!status.ok()) {
    failures_.Increment();
    return;
  }
  last_sync_.Set(timestamp(now));
  const auto it = pending_.find(service);
  if (it == pending_.end()) return;
  event_seconds_.Observe(seconds(it->second.since, now));
  for (const TimePoint trigger : it->second.triggers)
    programming_seconds_.Observe(seconds(trigger, now));
  if (it->second.service) services_pending_.Decrement();
  if (it->second.endpoints) endpoints_pending_.Decrement();
  pending_.erase(it);
}

void ProxyMetrics::all_synced(TimePoint began, TimePoint now) {
  full_seconds_.Observe(seconds(began, now));
  whole_ = true;
}

void ProxyMetrics::no_local_endpoints(const kube::ObjectKey& service, const ServicePlan& plan) {
  update(without_internal_, service, plan.no_local_internal, no_local_internal_);
  update(without_external_, service, plan.no_local_external, no_local_external_);
}

void ProxyMetrics::sizes(const FrontendWriter& writer) {
  frontends_.Set(static_cast<double>(writer.size()));
  slots_.Set(writer.backends().capacity());
  slots_used_.Set(writer.backends().capacity() - writer.backends().free_slots());
}

std::optional<TimePoint> last_change_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.annotations.find(kTriggerTime);
  if (it == slice.metadata.annotations.end()) return std::nullopt;
  const auto time = api::MicroTime::parse(it->second);
  if (!time.ok()) return std::nullopt;
  return time->at;
}

}  // namespace skiff::proxy
