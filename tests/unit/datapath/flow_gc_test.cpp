// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/flow_gc.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace skiff::datapath {
namespace {

using std::chrono::seconds;

Flow flow(uint8_t protocol, uint32_t flags = 0) {
  Flow made = {};
  made.original.protocol = protocol;
  made.flags = flags;
  made.last_seen_ns = 0;
  return made;
}

TEST(FlowExpiry, DependsOnWhatTheFlowSaidLast) {
  struct Case {
    const char* description;
    Flow flow;
    seconds kept, removed;
  };
  const Case cases[] = {
      {"open TCP", flow(IPPROTO_TCP), seconds(7200), seconds(7441)},
      {"TCP closed on one side", flow(IPPROTO_TCP, SKIFF_FLOW_FIN_FORWARD), seconds(299),
       seconds(301)},
      {"TCP closed on both sides", flow(IPPROTO_TCP, SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY),
       seconds(9), seconds(11)},
      {"TCP reset", flow(IPPROTO_TCP, SKIFF_FLOW_RESET), seconds(9), seconds(11)},
      {"UDP", flow(IPPROTO_UDP), seconds(119), seconds(121)},
      {"SCTP", flow(IPPROTO_SCTP), seconds(299), seconds(301)},
      {"echo", flow(IPPROTO_ICMP), seconds(29), seconds(31)},
  };
  for (const Case& test : cases) {
    EXPECT_FALSE(expired(test.flow, test.kept, {})) << test.description;
    EXPECT_TRUE(expired(test.flow, test.removed, {})) << test.description;
  }
}

TEST(FlowSweep, RemovesAFlowTogetherWithItsAlias) {
  Maps maps = memory_maps();
  Flow silent = flow(IPPROTO_UDP);
  silent.original.source_port = 1;
  ASSERT_TRUE(maps.flows->put({.source_port = 2, .protocol = IPPROTO_UDP}, silent).ok());
  ASSERT_TRUE(maps.aliases->put(silent.original, {}).ok());
  const auto sweep = sweep_flows(maps, seconds(1000));
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->removed, 1u);
  EXPECT_FALSE(maps.aliases->get(silent.original)->has_value());
}

}  // namespace
}  // namespace skiff::datapath
