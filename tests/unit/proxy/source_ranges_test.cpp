// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/source_ranges.h"

#include <gtest/gtest.h>

namespace skiff::proxy {
namespace {

std::set<Cidr> ranges(std::initializer_list<const char*> texts) {
  std::set<Cidr> list;
  for (const char* text : texts) list.insert(Cidr::parse(text).value());
  return list;
}

// The map as "ID BITS let-in", sorted.
std::set<std::string> entries(const datapath::Maps& maps) {
  std::set<std::string> list;
  (void)maps.source_ranges->for_each([&](const datapath::SourceRangeKey& key, uint32_t let_in) {
    list.insert(fmt::format("{} {}/{} {}", key.service_id,
                            datapath::from_abi(key.address).to_string(), key.prefix_bits, let_in));
  });
  return list;
}

using Set = std::set<std::string>;

TEST(SourceRanges, CountTheServiceBeforeTheAddress) {
  datapath::Maps maps = datapath::memory_maps();
  SourceRanges sources(maps);
  ASSERT_TRUE(sources.allow(7, ranges({"10.0.0.0/8", "2001:db8::/32"})).ok());
  EXPECT_EQ(entries(maps), (Set{"7 10.0.0.0/136 1", "7 2001:db8::/64 1"}));
}

TEST(SourceRanges, AddFirstAndRemoveAfterwards) {
  datapath::Maps maps = datapath::memory_maps();
  SourceRanges sources(maps);
  ASSERT_TRUE(sources.allow(7, ranges({"10.0.0.0/8"})).ok());
  ASSERT_TRUE(sources.allow(7, ranges({"192.0.2.0/24"})).ok());
  EXPECT_EQ(entries(maps).size(), 2u);
  ASSERT_TRUE(sources.keep_only(7, ranges({"192.0.2.0/24"})).ok());
  EXPECT_EQ(entries(maps), (Set{"7 192.0.2.0/152 1"}));
  ASSERT_TRUE(sources.keep_only(7, {}).ok());
  EXPECT_TRUE(entries(maps).empty());
}

TEST(SourceRanges, EveryIpv6ClientIsNotEveryIpv4Client) {
  datapath::Maps maps = datapath::memory_maps();
  SourceRanges sources(maps);
  ASSERT_TRUE(sources.allow(7, ranges({"::/0"})).ok());
  EXPECT_EQ(entries(maps), (Set{"7 ::/32 1", "7 0.0.0.0/128 0"}));
  ASSERT_TRUE(sources.allow(7, ranges({"::/0", "0.0.0.0/0"})).ok());
  EXPECT_EQ(entries(maps), (Set{"7 ::/32 1", "7 0.0.0.0/128 1"}));
}

TEST(SourceRanges, WhatAnEarlierAgentWroteGoesWithItsService) {
  datapath::Maps maps = datapath::memory_maps();
  SourceRanges before(maps);
  ASSERT_TRUE(before.allow(7, ranges({"10.0.0.0/8"})).ok());
  ASSERT_TRUE(before.allow(8, ranges({"10.0.0.0/8", "::/0"})).ok());
  SourceRanges sources(maps);
  ASSERT_TRUE(sources.restore().ok());
  ASSERT_TRUE(sources.prune({7}).ok());
  EXPECT_EQ(entries(maps), (Set{"7 10.0.0.0/136 1"}));
}

}  // namespace
}  // namespace skiff::proxy
