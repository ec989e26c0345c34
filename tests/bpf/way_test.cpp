// SPDX-License-Identifier: Apache-2.0
// Packets that take the way of those before them (ADR 0053): what they look like then, what makes
// the programs look again, and what never goes that way.
#include <linux/pkt_cls.h>

#include "agent/datapath/trace.h"
#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

constexpr uint8_t kPoked = 0xee;

class WayTest : public PacketTest, public ::testing::WithParamInterface<World> {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped()) return;
    maps_ = datapath::open_trace_maps(test_pin_dir("harness")).value();
    forget();
  }
  void TearDown() override {
    if (maps_.control) EXPECT_TRUE(maps_.control->put(0, {}).ok());
  }
  void forget() { ASSERT_TRUE(datapath::sync(*maps_.seen_flows, {}).ok()); }
  void change(const std::function<void(skiff_way&)>& how) {
    std::map<datapath::Tuple, skiff_seen_flow, datapath::BytesLess> all;
    ASSERT_TRUE(maps_.seen_flows
                    ->for_each([&](const datapath::Tuple& key, const skiff_seen_flow& seen) {
                      all[key] = seen;
                    })
                    .ok());
    for (auto& [key, seen] : all) {
      for (skiff_way& way : seen.ways)
        if (way.valid != 0) how(way);
      ASSERT_TRUE(maps_.seen_flows->put(key, seen).ok());
    }
  }
  // From now on whoever follows a known way shows it by its MAC addresses.
  void poke() {
    change([](skiff_way& way) {
      way.kind = static_cast<uint8_t>((way.kind & ~SKIFF_WAY_KIND) | SKIFF_WAY_POD);
      std::memset(way.next_hop, kPoked, sizeof(way.next_hop));
    });
  }
  bool follows(Program program, const Frame& frame) {
    return run(program, frame).frame.at(0) == kPoked;
  }
  Frame segment(const char* from, const char* to, uint8_t flags = kAck) {
    return Builder(from, 40000, to, 8080).tcp(flags).payload("ping").build();
  }
  // Of a pod whose program knows a way for it, poked.
  Frame known() {
    const Frame frame = segment(w.pod, w.remote_pod);
    run(kFromPod, frame);
    poke();
    EXPECT_TRUE(follows(kFromPod, frame));
    return frame;
  }

  const World& w = GetParam();
  datapath::TraceMaps maps_;
};

INSTANTIATE_TEST_SUITE_P(Families, WayTest, ::testing::ValuesIn(kWorlds),
                         [](const auto& world) { return world.param.v4 ? "V4" : "V6"; });

TEST_P(WayTest, APacketLooksTheSameWhicheverWayItTook) {
  const struct {
    Program program;
    const char *from, *to;
  } ways[] = {{kFromPod, w.pod, w.other_pod},     {kFromPod, w.pod, w.remote_pod},
              {kFromPod, w.pod, w.outside},       {kFromPod, w.pod, w.node},
              {kFromDevice, w.remote_pod, w.pod}, {kFromDevice, w.other_node, w.pod}};
  for (const auto& [program, from, to] : ways) {
    const Builder whole(from, 40000, to, 8080);
    for (const Frame& frame : {segment(from, to), segment(from, to, kFin | kAck),
                               Builder(whole).udp().payload("x").build()}) {
      SCOPED_TRACE(describe(frame));
      forget();
      const RunResult first = run(program, frame), second = run(program, frame);
      EXPECT_EQ(second.action, first.action);
      EXPECT_EQ(second.frame, first.frame);
      EXPECT_EQ(second.mark, first.mark);
      poke();
      EXPECT_TRUE(follows(program, frame));
    }
  }
}

// Whatever changes in a map that decides: the next packet asks again.
TEST_P(WayTest, EveryChangeMakesTheProgramsLookAgain) {
  std::set<std::string> asked;
  const Status done = datapath::each_table(
      harness().maps(),
      [&]<class K, class V>(const std::string& name, std::unique_ptr<datapath::Map<K, V>>& table) {
        const Frame frame = known();
        (void)table->erase(K{});  // nothing there has this key
        if (!follows(kFromPod, frame)) asked.insert(name);
        return Status();
      });
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(asked, (std::set<std::string>{"devices", "frontends", "nodes", "peers", "pod_policies",
                                          "pods", "policy_state", "ranges"}));
}

TEST_P(WayTest, RoutesAreBelievedForAQuarterOfASecond) {
  const Frame frame = known();
  change([](skiff_way& way) { way.valid -= SKIFF_WAY_TICKS - 3; });
  EXPECT_TRUE(follows(kFromPod, frame));
  change([](skiff_way& way) { way.valid -= 4; });
  EXPECT_FALSE(follows(kFromPod, frame));
  EXPECT_FALSE(follows(kFromPod, frame)) << "it has found the way again";
}

TEST_P(WayTest, WhatIsNotAsTheOthersIsLookedAt) {
  known();
  EXPECT_FALSE(follows(kFromPod, segment(w.pod, w.remote_pod, kSyn)));
  EXPECT_FALSE(
      follows(kFromPod, Builder(w.pod, 40000, w.remote_pod, 8080).tcp(kAck).hop_limit(1).build()));
  EXPECT_FALSE(follows(kFromDevice, segment(w.pod, w.remote_pod))) << "comes in elsewhere";
  // Of the same flow, from another MAC address.
  const Frame forged = Builder(w.pod, 40000, w.remote_pod, 8080)
                           .tcp(kAck)
                           .macs(Harness::kPodGatewayMac, Harness::kOtherPodMac)
                           .build();
  EXPECT_EQ(run(kFromPod, forged).action, TC_ACT_SHOT);
  EXPECT_EQ(harness().reason("bad_mac"), 1u);
}

TEST_P(WayTest, WhatIsTooLargeForItIsLookedAt) {
  const Builder datagram(w.pod, 40000, w.remote_pod, 53);
  const size_t headers = Builder(datagram).udp().build().size() - 14;
  const auto of = [&](size_t size) {
    return Builder(datagram).udp().payload(std::string(size - headers, 'x')).build();
  };
  run(kFromPod, of(1500));
  EXPECT_EQ(run(kFromPod, of(1500)).action, TC_ACT_REDIRECT);
  EXPECT_EQ(run(kFromPod, of(1505)).action, TC_ACT_UNSPEC) << "the stack knows what to do";
}

TEST_P(WayTest, WhoIsLimitedOrTappedOrComesFromOutsideIsLookedAtEachTime) {
  const auto finds_none = [&](Program program, const Frame& frame) {
    forget();
    run(program, frame);
    poke();
    return !follows(program, frame);
  };
  EXPECT_TRUE(finds_none(kFromDevice, segment(w.outside, w.pod)));
  ASSERT_TRUE(harness().limit_pod({.egress_rate = 1'000'000'000}).ok());
  EXPECT_TRUE(finds_none(kFromPod, segment(w.pod, w.remote_pod)));
  ASSERT_TRUE(harness().reset().ok());
  EXPECT_FALSE(finds_none(kFromPod, segment(w.pod, w.remote_pod)));
  ASSERT_TRUE(maps_.control->put(0, {.taps_until_ns = ~0ULL}).ok());
  EXPECT_FALSE(follows(kFromPod, segment(w.pod, w.remote_pod)));
}

// A connection of its own, and one through a Service, of the same addresses and ports.
TEST_P(WayTest, WhatIsTranslatedFromNowOnDoesNotGoAsItWent) {
  ASSERT_TRUE(harness()
                  .add_service({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}})
                  .ok());
  const Frame answer = Builder(w.remote_pod, 8080, w.pod, 40000).tcp(kAck).build();
  run(kFromPod, segment(w.pod, w.remote_pod));
  for (int i = 0; i < 2; ++i) run(kFromDevice, answer);
  poke();
  ASSERT_TRUE(follows(kFromDevice, answer));
  run(kFromPod, Builder(w.pod, 40000, w.vip, 80).tcp(kSyn).build());
  EXPECT_EQ(run(kFromDevice, answer).frame,
            into_pod(Builder(w.vip, 80, w.pod, 40000).tcp(kAck)).build());
}

}  // namespace
}  // namespace skiff::testing
