// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/usage.h"

#include <gtest/gtest.h>

namespace skiff::datapath {
namespace {

using Sizes = std::map<std::string, uint32_t>;

MapUsage usage(const char* name, uint32_t entries, uint32_t capacity, uint64_t refused = 0) {
  return {.name = name,
          .entries = entries,
          .capacity = capacity,
          .refused = refused,
          .evicts = false,
          .counted = true};
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

TEST(Measure, CountsEntries) {
  Maps maps = memory_maps();
  ASSERT_TRUE(maps.pods->put({}, {}).ok());
  const auto usages = measure(maps, 3);
  ASSERT_TRUE(usages.ok());
  for (const MapUsage& one : *usages) {
    EXPECT_EQ(one.entries, one.name == "pods" ? 1u : 0u) << one.name;
    EXPECT_EQ(one.refused, one.name == "flows" || one.name == "aliases" ? 3u : 0u) << one.name;
  }
}

}  // namespace
}  // namespace skiff::datapath
