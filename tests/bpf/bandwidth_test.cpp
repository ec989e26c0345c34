// SPDX-License-Identifier: Apache-2.0
// The clocks of limited pods: what a packet costs, and when it is due.
#include <linux/pkt_cls.h>

#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

class BandwidthTest : public PacketTest {
 protected:
  // Leaves by a device that sends by time stamp.
  void pace(uint64_t egress_rate, uint64_t egress_burst = 0) {
    ASSERT_TRUE(harness()
                    .limit_pod({.egress_rate = egress_rate,
                                .egress_burst = egress_burst,
                                .paced_uplink = harness().device_ifindex()})
                    .ok());
  }
  // A frame of 54 bytes and `payload`.
  RunResult send(const char* to, size_t payload, uint32_t segments = 0) {
    const Frame frame =
        Builder(w.pod, 1, to, 2).tcp(kAck).payload(std::string(payload, 'x')).build();
    auto result = harness().run(kFromPod, frame, {.segments = segments});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : RunResult{};
  }
  const World& w = kWorlds[0];
};

TEST_F(BandwidthTest, PacketsAreDueOneAfterTheOther) {
  pace(1000, 60'000);  // 125 bytes a second: next to nothing is paid back while this runs
  const uint64_t begin = send(w.remote_pod, 71).due_ns;
  ASSERT_NE(begin, 0u);
  EXPECT_EQ(send(w.remote_pod, 196).due_ns, begin + 1'000'000'000) << "after 125 bytes";
  EXPECT_EQ(send(w.far_pod, 71).due_ns, begin + 3'000'000'000) << "the overlay's device, too";
  EXPECT_EQ(send(w.remote_pod, 71, 3).due_ns, begin + 4'000'000'000);
  // Cut into three on the way: twice 54 bytes of headers more.
  EXPECT_EQ(send(w.remote_pod, 71).due_ns, begin + 5'864'000'000);
}

TEST_F(BandwidthTest, OnlyWhatLeavesByAQueueWaits) {
  pace(80'000'000);
  EXPECT_EQ(send(w.other_pod, 100).due_ns, 0u);
  EXPECT_EQ(send(w.node, 100).due_ns, 0u);
  EXPECT_NE(send(w.remote_pod, 100).due_ns, 0u);
}

TEST_F(BandwidthTest, TheQueueHoldsAQuarterSecondAndNotMore) {
  pace(80'000);  // 500 bytes take 50 ms
  int passed = 0;
  while (passed < 100 && send(w.remote_pod, 446).action == TC_ACT_REDIRECT) ++passed;
  EXPECT_GE(passed, 6);
  EXPECT_LT(passed, 60);
  EXPECT_EQ(harness().reason("egress_bandwidth"), 1u);
}

TEST_F(BandwidthTest, ALargerBurstIsGranted) {
  pace(1000, 8000);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(send(w.remote_pod, 71).action, TC_ACT_REDIRECT) << i;
  EXPECT_EQ(send(w.remote_pod, 71).action, TC_ACT_SHOT);
}

TEST_F(BandwidthTest, TheClockGoesOnWhenTheAgentComesBack) {
  pace(1000);
  EXPECT_EQ(send(w.remote_pod, 71).action, TC_ACT_REDIRECT);
  uint32_t ifindex = 0;
  const auto note = [&](const uint32_t& key, const auto&) { ifindex = key; };
  ASSERT_TRUE(harness().maps().bandwidth->for_each(note).ok());
  const auto clock = [&] {
    return harness().maps().bandwidth->get(ifindex).value().value().egress.next_ns;
  };
  const uint64_t before = clock();
  ASSERT_TRUE(harness()
                  .datapath()
                  .attach_pod({.ifindex = static_cast<int>(ifindex),
                               .addresses = {harness().pod_address(0, true),
                                             harness().pod_address(0, false)},
                               .mac = Harness::kPodMac,
                               .gateway_mac = Harness::kPodGatewayMac,
                               .limits = {.egress_rate = 1000}})
                  .ok());
  EXPECT_EQ(clock(), before);
  EXPECT_EQ(send(w.remote_pod, 71).action, TC_ACT_SHOT);
}

TEST_F(BandwidthTest, APodWithoutLimitsHasNoEntry) {
  pace(1000);
  ASSERT_TRUE(harness().reset().ok());
  size_t entries = 0;
  const auto count = [&](const auto&, const auto&) { ++entries; };
  EXPECT_TRUE(harness().maps().bandwidth->for_each(count).ok());
  EXPECT_EQ(entries, 0u);
}

TEST_F(BandwidthTest, WhatGoesThroughAPodsQueueIsMarkedAndTheMarkTakenOff) {
  ASSERT_TRUE(harness().limit_pod({.ingress_rate = 1000, .ingress_queued = true}).ok());
  const auto result =
      harness().run(kFromDevice, Builder(w.remote_pod, 1, w.pod, 2).tcp(kSyn).build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->mark, uint32_t{SKIFF_DELIVERED_MARK});
  const auto after = harness().run(kToPod, result->frame, {.mark = result->mark});
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->mark, 0u);
}

}  // namespace
}  // namespace skiff::testing
