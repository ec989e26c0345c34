// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/datapath/datapath.h"
#include "agent/datapath/memory_map.h"

namespace skiff::datapath {
namespace {

using Numbers = MemoryMap<uint32_t, uint32_t>;
using Desired = std::map<uint32_t, uint32_t, BytesLess>;

TEST(Sync, WritesOnlyWhatDiffersAndErasesTheRest) {
  Numbers map;
  map.entries = {{1, 10}, {2, 20}, {3, 30}};
  ASSERT_TRUE(sync(map, Desired{{1, 10}, {2, 21}, {4, 40}}).ok());
  EXPECT_EQ(map.entries, (Desired{{1, 10}, {2, 21}, {4, 40}}));
  EXPECT_EQ(map.writes, 3u);
}

TEST(Sync, ErasesNothingWhenAWriteFails) {
  Numbers map;
  map.entries = {{1, 10}};
  map.fail_next = 1;
  EXPECT_FALSE(sync(map, Desired{{2, 20}}).ok());
  EXPECT_EQ(map.entries, (Desired{{1, 10}}));
}

}  // namespace
}  // namespace skiff::datapath
