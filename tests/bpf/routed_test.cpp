// SPDX-License-Identifier: Apache-2.0
// What a pod's program leaves for the device's to do, and what it spares it.
#include <linux/pkt_cls.h>

#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

class RoutedTest : public PacketTest, public ::testing::WithParamInterface<World> {
 protected:
  const World& w = GetParam();
  Frame segment(const char* from, uint16_t from_port, const char* to, uint16_t to_port) {
    return Builder(from, from_port, to, to_port).tcp(kSyn).build();
  }
  uint32_t mark_after(Program program, const Frame& frame) {
    const RunResult result = run(program, frame);
    EXPECT_EQ(result.action, TC_ACT_REDIRECT) << describe(frame);
    return result.mark;
  }
};

INSTANTIATE_TEST_SUITE_P(Families, RoutedTest, ::testing::ValuesIn(kWorlds),
                         [](const auto& world) { return world.param.v4 ? "V4" : "V6"; });

TEST_P(RoutedTest, TheDeviceHasNothingToDoWithPacketsBetweenPods) {
  ASSERT_EQ(mark_after(kFromPod, segment(w.pod, 1, w.remote_pod, 2)), uint32_t{SKIFF_ROUTED_MARK});
  // Not looked at: by itself this one would be hidden behind the node's address.
  const Frame outward = segment(w.pod, 1, w.outside, 443);
  const auto spared = harness().run(kToDevice, outward, {.mark = SKIFF_ROUTED_MARK});
  ASSERT_TRUE(spared.ok()) << spared.status();
  EXPECT_EQ(spared->action, TC_ACT_UNSPEC);
  EXPECT_EQ(spared->frame, outward);
  EXPECT_EQ(spared->mark, 0u) << "the mark is nobody else's business";
  EXPECT_NE(run(kToDevice, outward).frame, outward);
}

TEST_P(RoutedTest, WhatTheDeviceTranslatesIsNotSparedIt) {
  EXPECT_EQ(mark_after(kFromPod, segment(w.pod, 1, w.outside, 443)), 0u);
}

TEST_P(RoutedTest, WhatWasTranslatedIsNotSparedASecondTranslation) {
  ASSERT_TRUE(harness()
                  .add_service({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}})
                  .ok());
  EXPECT_EQ(mark_after(kFromPod, segment(w.pod, 1, w.vip, 80)), 0u);
}

TEST_P(RoutedTest, TheDeviceHasNothingToDoWithWhatIsTranslatedAndComesFromNoPod) {
  ASSERT_TRUE(harness().add_service({.port = 30080, .backends = {{w.remote_pod, 8080}}}).ok());
  const RunResult there = run(kFromDevice, segment(w.outside, 5000, w.node, 30080));
  ASSERT_EQ(there.action, TC_ACT_REDIRECT);
  EXPECT_EQ(there.mark, uint32_t{SKIFF_ROUTED_MARK});
  EXPECT_EQ(run(kToDevice, there.frame).frame, there.frame) << "nor had it without the mark";
  const RunResult back = run(kFromDevice, segment(w.remote_pod, 8080, w.node, 61000));
  ASSERT_EQ(back.action, TC_ACT_REDIRECT);
  EXPECT_EQ(back.mark, uint32_t{SKIFF_ROUTED_MARK});
  EXPECT_EQ(run(kToDevice, back.frame).frame, back.frame);
}

TEST_P(RoutedTest, NorWithWhatAPodSendsToAnotherNode) {
  EXPECT_EQ(mark_after(kFromPod, segment(w.pod, 1, w.other_node, 10250)),
            uint32_t{SKIFF_ROUTED_MARK});
}

TEST_P(RoutedTest, WhatGoesPastTheDeviceIsNotMarked) {
  ASSERT_TRUE(
      harness().add_service({.address = w.vip, .port = 80, .backends = {{w.pod, 8080}}}).ok());
  EXPECT_EQ(mark_after(kFromDevice, segment(w.outside, 1, w.vip, 80)), 0u);
  EXPECT_EQ(mark_after(kFromPod, segment(w.pod, 1, w.other_pod, 2)), 0u)
      << "no device is in between";
}

}  // namespace
}  // namespace skiff::testing
