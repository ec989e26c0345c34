// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/table_writer.h"

#include "agent/datapath/memory_map.h"
#include "tests/unit/policy/policy_fixture.h"

namespace skiff::policy {
namespace {

class Writer : public testing::Test {
 protected:
  Writer() {
    cluster_.add_namespace("shop");
    cluster_.add_pod("shop", "web", "10.244.1.2", {{"app", "web"}});
    cluster_.add_pod("shop", "client", "10.244.2.3", {{"role", "client"}});
    cluster_.add_local("shop", "web", "10.244.1.2");
  }
  template <class K, class V>
  static auto& memory(const std::unique_ptr<datapath::Map<K, V>>& map) {
    return static_cast<datapath::MemoryMap<K, V>&>(*map);
  }
  datapath::PolicyState state() {
    return maps_.policy_state->get(0)->value_or(datapath::PolicyState{});
  }
  size_t peers() { return memory(maps_.policy_peers).entries.size(); }
  size_t ranges() { return memory(maps_.policy_ranges).entries.size(); }
  size_t ports() { return memory(maps_.policy_ports).entries.size(); }
  size_t pods() { return memory(maps_.pod_policies).entries.size(); }

  Cluster cluster_;
  datapath::Maps maps_ = datapath::memory_maps();
};

constexpr const char* kPolicy =
    "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: "
    "{role: client}}}, {ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 80}]}]}";

TEST_F(Writer, WritesNothingWhereThereIsNoPolicy) {
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().pods, 0U);
  EXPECT_EQ(pods() + peers() + ranges() + ports(), 0U);
}

TEST_F(Writer, WritesAndTakesBack) {
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  cluster_.add_policy("shop", kPolicy);
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().pods, 1U);
  EXPECT_EQ(peers(), 1U);
  EXPECT_EQ(ranges(), 1U);
  EXPECT_EQ(ports(), 1U);
  const auto entry = maps_.pod_policies->get(datapath::to_abi(Cluster::ip("10.244.1.2")));
  ASSERT_TRUE(entry.ok() && entry->has_value());
  EXPECT_EQ((*entry)->side[kIngress].flags,
            uint32_t{SKIFF_POLICY_ISOLATED | SKIFF_POLICY_PEERS | SKIFF_POLICY_RANGES});
  EXPECT_EQ((*entry)->side[kEgress].flags, 0U);

  cluster_.clear_policies();
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().pods, 0U);
  EXPECT_EQ(pods() + peers() + ranges() + ports(), 0U);
}

TEST_F(Writer, ChangesTheGenerationOnlyWithTheRules) {
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  cluster_.add_policy("shop", kPolicy);
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  const uint32_t before = state().generation;
  cluster_.add_pod("shop", "another", "10.244.2.4", {{"role", "x"}});
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().generation, before);
  cluster_.add_pod("shop", "another", "10.244.2.4", {{"role", "client"}});
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().generation, before + 1);
  EXPECT_EQ(peers(), 2U);
  cluster_.remove_pod("shop", "client");
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_EQ(state().generation, before + 2);
  EXPECT_EQ(peers(), 1U);
}

TEST_F(Writer, KeepsAnEarlierAgentsRulesUntilItHasItsOwn) {
  cluster_.add_policy("shop", kPolicy);
  {
    TableWriter earlier(maps_);
    ASSERT_TRUE(earlier.restore().ok());
    ASSERT_TRUE(earlier.apply(cluster_.plan()).ok());
  }
  const auto state_before = state();
  const auto key = datapath::to_abi(Cluster::ip("10.244.1.2"));
  const uint32_t table_before = (*maps_.pod_policies->get(key))->side[kIngress].table;
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  EXPECT_EQ(peers(), 1U);
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  EXPECT_NE((*maps_.pod_policies->get(key))->side[kIngress].table, table_before);
  EXPECT_EQ(peers(), 1U);
  EXPECT_EQ(ports(), 1U);
  EXPECT_GT(state().generation, state_before.generation);
}

TEST_F(Writer, AddsAPodWithoutTouchingOthers) {
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  cluster_.add_policy("shop", kPolicy);
  cluster_.add_policy("shop", "{podSelector: {matchLabels: {role: client}}}");
  ASSERT_TRUE(writer.apply(cluster_.plan()).ok());
  cluster_.clear_locals();
  cluster_.add_local("shop", "client", "10.244.2.3");
  ASSERT_TRUE(writer.add(cluster_.plan()).ok());
  EXPECT_EQ(state().pods, 2U);
  EXPECT_EQ(peers(), 1U);
}

TEST_F(Writer, HealsAfterAFailureAtAnyWrite) {
  for (int fail = 1; fail < 8; ++fail) {
    maps_ = datapath::memory_maps();
    TableWriter writer(maps_);
    ASSERT_TRUE(writer.restore().ok());
    cluster_.clear_policies();
    cluster_.add_policy("shop", kPolicy);
    memory(maps_.policy_peers).fail_next = fail;
    memory(maps_.policy_ports).fail_next = fail;
    memory(maps_.pod_policies).fail_next = fail;
    memory(maps_.policy_state).fail_next = fail;
    for (int i = 0; i < 5; ++i) (void)writer.apply(cluster_.plan());
    cluster_.clear_policies();
    for (int i = 0; i < 5; ++i) (void)writer.apply(cluster_.plan());
    EXPECT_EQ(state().pods, 0U);
    EXPECT_EQ(pods() + peers() + ranges() + ports(), 0U);
  }
}

TEST_F(Writer, SaysThatAMapIsFull) {
  maps_.policy_peers = std::make_unique<datapath::MemoryMap<datapath::PolicyPeerKey, uint32_t>>(0);
  TableWriter writer(maps_);
  ASSERT_TRUE(writer.restore().ok());
  cluster_.add_policy("shop", kPolicy);
  const Status written = writer.apply(cluster_.plan());
  EXPECT_TRUE(absl::IsResourceExhausted(written)) << message(written);
  EXPECT_EQ(pods(), 0U);
}

}  // namespace
}  // namespace skiff::policy
