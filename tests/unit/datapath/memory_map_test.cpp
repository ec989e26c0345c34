// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/memory_map.h"

#include <gtest/gtest.h>

#include "agent/datapath/maps.h"

namespace skiff::datapath {
namespace {

TEST(MemoryMap, ReadsBackWhatWasPut) {
  MemoryMap<uint32_t, uint64_t> map;
  ASSERT_TRUE(map.put(1, 10).ok());
  ASSERT_TRUE(map.put(1, 11).ok());
  EXPECT_EQ(*map.get(1), 11u);
  EXPECT_EQ(*map.get(2), std::nullopt);
}

TEST(MemoryMap, ErasingWhatIsNotThereSucceeds) {
  MemoryMap<uint32_t, uint64_t> map;
  EXPECT_TRUE(map.erase(7).ok());
}

TEST(MemoryMap, SaysThatItIsFull) {
  MemoryMap<uint32_t, uint64_t> map(1);
  ASSERT_TRUE(map.put(1, 1).ok());
  EXPECT_EQ(map.put(2, 2).code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(map.put(1, 3).ok());
}

TEST(MemoryMap, FailsTheWriteItWasToldTo) {
  MemoryMap<uint32_t, uint64_t> map;
  map.fail_next = 2;
  EXPECT_TRUE(map.put(1, 1).ok());
  EXPECT_FALSE(map.put(2, 2).ok());
  EXPECT_TRUE(map.put(3, 3).ok());
}

TEST(Maps, InMemoryHasEveryTable) {
  const Maps maps = memory_maps();
  EXPECT_TRUE(maps.frontends && maps.backends && maps.flows && maps.socket_lb_off);
}

}  // namespace
}  // namespace skiff::datapath
