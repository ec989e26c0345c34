// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/proxy_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TimePoint kNow = TimePoint(1'700'000'000s);
const kube::ObjectKey kWeb{"shop", "web"};

SlicePtr slice(const char* changed) {
  auto made = std::make_shared<api::EndpointSlice>();
  made->metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"] = changed;
  return made;
}

class ProxyMetricsTest : public testing::Test {
 protected:
  // "NAME VALUE" of what has no labels.
  void expect(const std::string& line) {
    EXPECT_THAT(metrics::text(registry_), HasSubstr("\n" + line + "\n"));
  }

  metrics::Registry registry_;
  ProxyMetrics metrics_{registry_};
};

// What dashboards and alerts for kube-proxy ask for, there from the first scrape on.
TEST_F(ProxyMetricsTest, HaveKubeProxysNames) {
  for (const char* name : {"kubeproxy_sync_proxy_rules_duration_seconds",
                           "kubeproxy_sync_full_proxy_rules_duration_seconds",
                           "kubeproxy_sync_partial_proxy_rules_duration_seconds",
                           "kubeproxy_network_programming_duration_seconds"}) {
    EXPECT_THAT(metrics::text(registry_), HasSubstr(std::string(name) + "_bucket{le=\"")) << name;
    EXPECT_THAT(metrics::text(registry_), HasSubstr(std::string(name) + "_count 0")) << name;
  }
  for (const char* name : {"kubeproxy_sync_proxy_rules_last_timestamp_seconds",
                           "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds",
                           "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
                           "kubeproxy_sync_proxy_rules_endpoint_changes_total",
                           "kubeproxy_sync_proxy_rules_service_changes_pending",
                           "kubeproxy_sync_proxy_rules_service_changes_total"})
    expect(std::string(name) + " 0");
  for (const char* policy : {"internal", "external"})
    expect(fmt::format(
        "kubeproxy_sync_proxy_rules_no_local_endpoints_total{{traffic_policy=\"{}\"}} 0", policy));
}

TEST_F(ProxyMetricsTest, AChangeWaitsUntilItIsWritten) {
  metrics_.service_changed(kWeb, kNow);
  metrics_.endpoints_changed(kWeb, nullptr, slice("2023-11-14T22:13:18Z"), kNow);
  expect("kubeproxy_sync_proxy_rules_service_changes_pending 1");
  expect("kubeproxy_sync_proxy_rules_endpoint_changes_pending 1");
  expect("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds 1700000000");
  metrics_.synced(kWeb, kNow, kNow + 2s, unavailable("later"));
  expect("kubeproxy_sync_proxy_rules_service_changes_pending 1");
  metrics_.synced(kWeb, kNow, kNow + 4s, absl::OkStatus());
  expect("kubeproxy_sync_proxy_rules_service_changes_pending 0");
  expect("kubeproxy_sync_proxy_rules_endpoint_changes_pending 0");
  expect("kubeproxy_sync_proxy_rules_service_changes_total 1");
  expect("kubeproxy_sync_proxy_rules_endpoint_changes_total 1");
  expect("kubeproxy_sync_proxy_rules_last_timestamp_seconds 1700000004");
  expect("kubeproxy_sync_proxy_rules_duration_seconds_count 2");
}

TEST_F(ProxyMetricsTest, ProgrammingIsTimedFromTheControllersNote) {
  metrics_.endpoints_changed(kWeb, slice("2023-11-14T22:00:00Z"), slice("2023-11-14T22:13:17Z"),
                             kNow);
  metrics_.synced(kWeb, kNow, kNow + 1s, absl::OkStatus());
  expect("kubeproxy_network_programming_duration_seconds_count 1");
  expect("kubeproxy_network_programming_duration_seconds_sum 4");
  // A slice that is new to this agent may be old.
  metrics_.endpoints_changed(kWeb, nullptr, slice("2023-11-14T22:13:17Z"), kNow);
  metrics_.synced(kWeb, kNow, kNow + 1s, absl::OkStatus());
  expect("kubeproxy_network_programming_duration_seconds_count 1");
}

TEST_F(ProxyMetricsTest, TheFirstSyncIsFullAndWhatFollowsIsPartial) {
  metrics_.synced(kWeb, kNow, kNow + 1s, absl::OkStatus());
  metrics_.all_synced(kNow, kNow + 3s);
  metrics_.synced(kWeb, kNow, kNow + 1s, absl::OkStatus());
  metrics_.synced(kWeb, kNow, kNow + 1s, absl::OkStatus());
  expect("kubeproxy_sync_full_proxy_rules_duration_seconds_count 1");
  expect("kubeproxy_sync_full_proxy_rules_duration_seconds_sum 3");
  expect("kubeproxy_sync_partial_proxy_rules_duration_seconds_count 2");
  expect("kubeproxy_sync_proxy_rules_duration_seconds_count 3");
}

}  // namespace
}  // namespace skiff::proxy
