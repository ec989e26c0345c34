// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/range_allocator.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

TEST(RangeAllocator, FreedRangesRestBeforeReuse) {
  FakeClock clock;
  RangeAllocator ranges(4, 1s);
  EXPECT_EQ(ranges.allocate(4, clock.now()).value(), 0u);
  ranges.release(0, 4, clock.now());
  EXPECT_EQ(ranges.allocate(1, clock.now()).status().code(), StatusCode::kResourceExhausted);
  clock.advance(1s);
  EXPECT_EQ(ranges.allocate(4, clock.now()).value(), 0u);
}

TEST(RangeAllocator, NeighboursJoinAgain) {
  FakeClock clock;
  RangeAllocator ranges(6, 0s);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ranges.allocate(2, clock.now()).ok());
  ranges.release(0, 2, clock.now());
  ranges.release(4, 2, clock.now());
  ranges.release(2, 2, clock.now());
  EXPECT_EQ(ranges.allocate(6, clock.now()).value(), 0u);
}

TEST(RangeAllocator, ReservedRangesAreNotGivenOut) {
  FakeClock clock;
  RangeAllocator ranges(10, 0s);
  ASSERT_TRUE(ranges.reserve(2, 3).ok());
  EXPECT_FALSE(ranges.reserve(4, 2).ok());
  EXPECT_EQ(ranges.allocate(3, clock.now()).value(), 5u);
  EXPECT_EQ(ranges.allocate(2, clock.now()).value(), 0u);
  EXPECT_EQ(ranges.free_entries(), 2u);
}

TEST(RangeAllocator, ALargerMapHasRoomBehindTheOldOne) {
  FakeClock clock;
  RangeAllocator ranges(4, 0s);
  ASSERT_TRUE(ranges.allocate(3, clock.now()).ok());
  EXPECT_FALSE(ranges.allocate(4, clock.now()).ok());
  ranges.extend(8);
  ranges.extend(6);  // never shrinks
  EXPECT_EQ(ranges.free_entries(), 5u);
  EXPECT_EQ(ranges.allocate(5, clock.now()).value(), 3u);
}

}  // namespace
}  // namespace skiff::proxy
