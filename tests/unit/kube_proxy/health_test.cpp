// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/health.h"

#include <gtest/gtest.h>

#include "agent/kube_proxy/devices.h"
#include "agent/kube_proxy/server.h"

namespace skiff::kube_proxy {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = TimePoint(1'700'000'000s + 5ms);

Health settled() {
  return {.synced = true,
          .behind_since = std::nullopt,
          .started = kNow - 1h,
          .last_updated = kNow - 10min,
          .node_eligible = true};
}

TEST(ProxyHealth, IsWrittenAsKubeProxyWritesIt) {
  EXPECT_EQ(healthz(settled(), kNow).body,
            R"({"lastUpdated": "2023-11-14 22:13:20.005000000 +0000 UTC",)"
            R"("currentTime": "2023-11-14 22:13:20.005000000 +0000 UTC", "nodeEligible": true})");
}

TEST(ProxyHealth, AChangeThatWaitsTooLongMakesItFail) {
  Health health = settled();
  health.behind_since = kNow - 59s;
  EXPECT_EQ(healthz(health, kNow).status, 200);
  health.behind_since = kNow - 60s;
  EXPECT_EQ(healthz(health, kNow).status, 503);
  EXPECT_EQ(livez(health, kNow).status, 503);
  EXPECT_NE(healthz(health, kNow).body.find("22:03:20"), std::string::npos);  // last updated
}

TEST(ProxyHealth, AProxyThatNeverSyncsFailsAfterAMinute) {
  Health health = settled();
  health.synced = false;
  health.started = kNow - 59s;
  EXPECT_EQ(healthz(health, kNow).status, 200);
  health.started = kNow - 60s;
  EXPECT_EQ(healthz(health, kNow).status, 503);
}

TEST(ProxyHealth, ANodeAboutToGoDrainsItsLoadBalancersButLives) {
  api::Node node;
  EXPECT_TRUE(is_eligible(node));
  api::Taint& taint = node.spec.taints.emplace_back();
  taint.key = "ToBeDeletedByClusterAutoscaler";
  EXPECT_FALSE(is_eligible(node));
  node.spec.taints.clear();
  node.metadata.deletionTimestamp = api::Time(kNow);
  EXPECT_FALSE(is_eligible(node));

  Health health = settled();
  health.node_eligible = false;
  EXPECT_EQ(healthz(health, kNow).status, 503);
  EXPECT_NE(healthz(health, kNow).body.find("\"nodeEligible\": false"), std::string::npos);
  EXPECT_EQ(livez(health, kNow).status, 200);
}

TEST(BindAddress, IsReadInEveryForm) {
  EXPECT_EQ(parse_bind_address("0.0.0.0:10256")->address, "::");
  EXPECT_EQ(parse_bind_address(":10256")->port, 10256);
  EXPECT_EQ(parse_bind_address("127.0.0.1:10249")->address, "127.0.0.1");
  EXPECT_EQ(parse_bind_address("[::1]:1")->address, "::1");
  EXPECT_FALSE(parse_bind_address("10256").ok());
  EXPECT_FALSE(parse_bind_address("127.0.0.1:x").ok());
  EXPECT_FALSE(parse_bind_address("localhost:1").ok());
}

TEST(OutsideDevices, AreThoseThatLeadAwayFromTheNode) {
  const auto link = [](const char* name, const char* kind, int master = 0) {
    return net::Link{.index = 7, .name = name, .up = true, .kind = kind, .master = master};
  };
  EXPECT_TRUE(leads_outside(link("eth0", "")));
  EXPECT_TRUE(leads_outside(link("flannel.1", "vxlan")));
  EXPECT_TRUE(leads_outside(link("bond0", "bond")));
  EXPECT_FALSE(leads_outside(link("eth1", "", 8)));  // its bond carries the traffic
  EXPECT_FALSE(leads_outside(link("lo", "")));
  EXPECT_FALSE(leads_outside(link("cni0", "bridge")));
  EXPECT_FALSE(leads_outside(link("veth12", "veth")));
  net::Link down = link("eth2", "");
  down.up = false;
  EXPECT_FALSE(leads_outside(down));
}

}  // namespace
}  // namespace skiff::kube_proxy
