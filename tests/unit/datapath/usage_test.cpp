// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/usage.h"

#include <gtest/gtest.h>

namespace skiff::datapath {
namespace {

using Sizes = std::map<std::string, uint32_t>;

MapUsage usage(const char* name, uint32_t entries, uint32_t capacity, uint64_t refused = 0) {
  return {.name = name, .entries = entries, .capacity = capacity, .refused = refused};
}

TEST(PlanGrowth, DoublesWhatIsThreeQuartersFull) {
  const MapUsage now[] = {usage("frontends", 74, 100), usage("pods", 75, 100)};
  EXPECT_EQ(plan_growth(now, {}), (Sizes{{"pods", 200}}));
}

TEST(PlanGrowth, DoublesWhatRefusedAWriteSinceTheLastLook) {
  const MapUsage before[] = {usage("backends", 0, 100, 5), usage("nodes", 0, 100, 5)};
  const MapUsage now[] = {usage("backends", 0, 100, 6), usage("nodes", 0, 100, 5)};
  EXPECT_EQ(plan_growth(now, before), (Sizes{{"backends", 200}}));
}

TEST(PlanGrowth, FlowsAndAliasesGrowTogether) {
  const MapUsage now[] = {usage("flows", 10, 100), usage("aliases", 90, 100)};
  EXPECT_EQ(plan_growth(now, {}), (Sizes{{"aliases", 200}, {"flows", 200}}));
}

TEST(PlanGrowth, WhatEvictsIsMeantToBeFull) {
  MapUsage lru = usage("new_flows", 100, 100, 7);
  lru.evicts = true;
  EXPECT_EQ(plan_growth({&lru, 1}, {}), Sizes{});
}

TEST(PlanGrowth, StopsAtTheLargestSize) {
  const MapUsage now[] = {usage("pods", 100, 100), usage("nodes", 150, 150)};
  EXPECT_EQ(plan_growth(now, {}, 150), (Sizes{{"pods", 150}}));
}

TEST(PlanGrowth, WhatOthersHoldStaysAsItIs) {
  MapUsage foreign = usage("pod_namespaces", 100, 100);
  foreign.grows = false;
  EXPECT_EQ(plan_growth({&foreign, 1}, {}), Sizes{});
}

TEST(PlanNews, TellsOfRefusedWritesAndOfMapsThatGetFull) {
  std::set<std::string> nearly_full;
  const MapUsage before[] = {usage("pods", 10, 100), usage("nodes", 10, 100, 5)};
  const MapUsage now[] = {usage("pods", 80, 100), usage("nodes", 79, 100, 7)};
  const auto news = plan_news(now, before, nearly_full);
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[0].map, "pods");
  EXPECT_STREQ(news[0].reason, "DatapathMapNearlyFull");
  EXPECT_EQ(news[1].map, "nodes");
  EXPECT_EQ(news[1].refused, 2u);
  EXPECT_TRUE(plan_news(now, now, nearly_full).empty()) << "told already";
}

TEST(PlanNews, WhatIsNotCountedIsNotJudged) {
  std::set<std::string> nearly_full = {"pods"};
  MapUsage uncounted = usage("pods", 0, 100);
  uncounted.entries.reset();
  EXPECT_TRUE(plan_news({&uncounted, 1}, {}, nearly_full).empty());
  EXPECT_EQ(nearly_full.size(), 1u);
}

TEST(PlanNews, WhatEvictsIsMeantToBeFull) {
  std::set<std::string> nearly_full;
  MapUsage lru = usage("affinity", 100, 100);
  lru.evicts = true;
  EXPECT_TRUE(plan_news({&lru, 1}, {}, nearly_full).empty());
}

TEST(Measure, CountsEntriesOfEveryMapThatMayGetFull) {
  Maps maps = memory_maps();
  ASSERT_TRUE(maps.pods->put({}, {}).ok());
  const auto usages = measure(maps, "", {.flows = 3, .policy_flows = 4});
  ASSERT_TRUE(usages.ok());
  std::map<std::string, uint64_t> refused;
  for (const MapUsage& one : *usages) {
    EXPECT_EQ(one.entries, one.name == "pods" ? 1u : 0u) << one.name;
    if (one.refused > 0) refused[one.name] = one.refused;
  }
  EXPECT_EQ(refused,
            (std::map<std::string, uint64_t>{{"aliases", 3}, {"flows", 3}, {"policy_flows", 4}}));
  for (const char* name : {"policy_peers", "policy_ranges", "policy_ports", "pod_policies", "peers",
                           "ranges", "devices", "maglev", "socket_lb_off", "fragments"})
    EXPECT_NE(std::ranges::find(*usages, name, &MapUsage::name), usages->end()) << name;
  EXPECT_EQ(std::ranges::find(*usages, "policy_state", &MapUsage::name), usages->end())
      << "has one entry, always";
}

}  // namespace
}  // namespace skiff::datapath
