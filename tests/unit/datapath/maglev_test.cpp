// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/maglev.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace skiff::datapath {
namespace {

std::vector<MaglevBackend> backends(uint32_t count) {
  std::vector<MaglevBackend> list;
  for (uint32_t i = 0; i < count; ++i) {
    list.push_back({.address = IpAddress::v4(0x0af40000 + i), .port = 8080});
  }
  return list;
}

std::vector<uint32_t> shares(const std::vector<uint16_t>& table, size_t count) {
  std::vector<uint32_t> shares(count);
  for (const uint16_t entry : table) ++shares.at(entry);
  return shares;
}

TEST(Maglev, TableSizesArePrimesThatGrowWithTheBackends) {
  EXPECT_EQ(maglev_table_size(1), 251u);
  EXPECT_EQ(maglev_table_size(4), 509u);
  EXPECT_EQ(maglev_table_size(100), 16381u);
  EXPECT_EQ(maglev_table_size(100000), 65537u);
  for (const size_t count : {1, 3, 6, 11, 21, 50, 100, 200, 1000}) {
    const uint32_t size = maglev_table_size(count);
    for (uint32_t divisor = 2; divisor * divisor <= size; ++divisor) {
      EXPECT_NE(size % divisor, 0u) << size;
    }
  }
}

TEST(Maglev, TheLightestHasTenEntriesAtLeast) {
  auto list = backends(2);
  list[0].weight = 1000;
  const uint32_t size = maglev_table_size(list);
  EXPECT_GE(shares(maglev_table(list, size), 2)[1], 10u);
  list[1].weight = 0;
  EXPECT_EQ(maglev_table_size(list), maglev_table_size(2)) << "who has no weight needs no entry";
  list[1].weight = 1000;
  EXPECT_EQ(maglev_table_size(list), maglev_table_size(2));
}

TEST(Maglev, EqualBackendsServeEqualShares) {
  for (const uint32_t count : {1u, 2u, 7u, 100u, 1000u}) {
    const auto table = maglev_table(backends(count), maglev_table_size(count));
    const auto share = shares(table, count);
    const auto [least, most] = std::ranges::minmax(share);
    EXPECT_LE(most - least, 1u) << count;
  }
}

TEST(Maglev, SharesFollowWeights) {
  auto list = backends(4);
  list[0].weight = 100;
  list[1].weight = 50;
  list[2].weight = 10;
  list[3].weight = 0;
  const auto share = shares(maglev_table(list, 16381), 4);
  EXPECT_NEAR(share[0], 16381 * 100 / 160.0, 2);
  EXPECT_NEAR(share[1], 16381 * 50 / 160.0, 2);
  EXPECT_NEAR(share[2], 16381 * 10 / 160.0, 2);
  EXPECT_EQ(share[3], 0u);
}

TEST(Maglev, EveryNodeComputesTheSame) {
  auto list = backends(5);
  const auto table = maglev_table(list, 251);
  EXPECT_EQ(maglev_table(list, 251), table);
  // The hash itself is part of what nodes of different versions share.
  EXPECT_EQ(std::vector<uint16_t>(table.begin(), table.begin() + 8),
            (std::vector<uint16_t>{2, 4, 1, 4, 3, 2, 1, 2}));
}

// When one of 100 leaves, its own hundredth must move, and little else.
TEST(Maglev, ABackendThatLeavesMovesFewOthers) {
  const auto before_list = backends(100);
  const auto before = maglev_table(before_list, 65537);
  auto after_list = before_list;
  after_list.erase(after_list.begin() + 42);
  const auto after = maglev_table(after_list, 65537);
  size_t own = 0, moved = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 42) {
      ++own;
    } else if (before_list[before[i]].address != after_list[after[i]].address) {
      ++moved;
    }
  }
  EXPECT_NEAR(static_cast<double>(own), 65537 / 100.0, 1);
  EXPECT_LT(moved, 65537u / 40) << "2.5 %";
}

TEST(Maglev, NobodyWithWeightMakesNoTable) {
  EXPECT_TRUE(maglev_table({}, 251).empty());
  auto list = backends(2);
  list[0].weight = list[1].weight = 0;
  EXPECT_TRUE(maglev_table(list, 251).empty());
}

TEST(Maglev, BlocksHoldTheTableInOrder) {
  const auto table = maglev_table(backends(5), 251);
  const auto blocks = maglev_blocks(table);
  ASSERT_EQ(blocks.size(), 4u);
  for (size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(blocks[i / SKIFF_MAGLEV_BLOCK].offset[i % SKIFF_MAGLEV_BLOCK], table[i]);
  }
  EXPECT_EQ(blocks[3].offset[SKIFF_MAGLEV_BLOCK - 1], 0u);
}

}  // namespace
}  // namespace skiff::datapath
