// SPDX-License-Identifier: Apache-2.0
// Frames that nobody wrote by hand, through every program: random ones that are right, and the
// tables' frames with bytes changed, cut off or added. The same every time: the seeds are fixed.
#include <linux/pkt_cls.h>

#include <random>

#include "tests/bpf/cases.h"
#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

constexpr int kRounds = 6000;

class ParserTest : public PacketTest {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped()) return;
    uint32_t id = 0;
    for (const World& w : kWorlds) {
      for (const uint8_t protocol : {6, 17, 132}) {
        serve(
            {.address = w.vip,
             .port = 80,
             .protocol = protocol,
             .backends = {{w.pod, 8080}, {w.other_pod, 8080}, {w.remote_pod, 8080}, {w.far_pod, 1}},
             .id = ++id,
             .base = 10 * id});
        serve({.address = w.vip, .port = 81, .protocol = protocol, .id = ++id});
        serve({.port = 30080,
               .protocol = protocol,
               .backends = {{w.remote_pod, 8080}, {w.pod, 8080}},
               .id = ++id,
               .base = 10 * id});
      }
    }
  }
  void serve(const Harness::Service& service) { ASSERT_TRUE(harness().add_service(service).ok()); }
  uint32_t below(uint32_t bound) { return random_() % bound; }
  bool sometimes() { return below(4) == 0; }

  // What the programs answer; the rules that hold for any frame are checked here.
  RunResult run_any(Program program, const Frame& frame) {
    Arrival arrival;
    if (program == Program::kFromOverlay && !sometimes()) arrival.outer = kFarNode;
    const uint64_t before = harness().all_reasons();
    auto result = harness().run(program, frame, arrival);
    // Newer kernels run nothing on less than an IP header.
    if (!result.ok() && frame.size() < 14 + 40) return {.action = TC_ACT_SHOT};
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    const bool known = result->action == TC_ACT_UNSPEC || result->action == TC_ACT_SHOT ||
                       result->action == TC_ACT_REDIRECT;
    EXPECT_TRUE(known) << result->action;
    // The outer header of kToOverlay is read in a run of its own.
    if (result->action == TC_ACT_SHOT) {
      const uint64_t counted = harness().all_reasons() - before;
      // What is meant for nobody ends at the overlay, and is no loss.
      EXPECT_TRUE(counted == 1 || (counted == 0 && program == Program::kToOverlay))
          << "every drop is counted, once: " << counted;
    }
    return std::move(*result);
  }
  // A frame whose checksums hold, between any two of the tables' addresses.
  Frame right_frame() {
    const World& w = kWorlds[below(2)];
    const char* everybody[] = {w.pod, w.other_pod, w.remote_pod, w.node,     w.other_node,
                               w.vip, w.outside,   w.stranger,   w.balancer, w.far_pod};
    const uint16_t ports[] = {80, 81, 8080, 30080, 40000, 61000, 5000};
    const auto address = [&] { return everybody[below(std::size(everybody))]; };
    const auto port = [&] { return ports[below(std::size(ports))]; };
    Builder builder(sometimes() ? address() : w.pod, port(), address(), port());
    builder.payload(std::string(below(sometimes() ? 1200 : 40), 'x'));
    switch (below(5)) {
      case 0:
        builder.udp();
        break;
      case 1:
        builder.sctp();
        if (sometimes()) builder.offloaded();
        break;
      case 2:
        builder.echo_request(port());
        break;
      case 3:
        builder.echo_reply(port());
        break;
      default:
        builder.tcp(static_cast<uint8_t>(below(32)), random_(), random_());
    }
    if (sometimes()) builder.hop_limit(static_cast<uint8_t>(below(4)));
    if (sometimes()) builder.dont_fragment();
    if (sometimes()) builder.traffic_class(static_cast<uint8_t>(below(256)));
    if (w.v4 && sometimes()) builder.ip_options(std::string(4 * below(11), '\1'));
    for (uint32_t i = w.v4 ? 6 : below(8); i < 5; ++i)
      builder.extension(i == 0 ? 0 : 60, std::string(6 + 8 * below(3), '\0'));
    if (sometimes()) builder.fragment(below(4), static_cast<uint16_t>(8 * below(4)), sometimes());
    return builder.build();
  }

  Frame damaged(Frame frame) {
    for (uint32_t i = 1 + below(4); i > 0; --i) {
      // Mostly where headers are.
      const size_t at = 12 + below(static_cast<uint32_t>(std::min<size_t>(frame.size() - 12, 70)));
      const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, static_cast<uint8_t>(random_())};
      frame[at] = values[below(std::size(values))];
    }
    if (sometimes()) frame.resize(15 + below(static_cast<uint32_t>(frame.size())));
    if (sometimes()) frame.resize(frame.size() + below(64), 0xa5);
    return frame;
  }

  // From an address of the pod, by the bytes where an address is.
  static bool is_own(const Frame& frame) {
    const bool v4 = frame.size() > 13 && frame[12] == 8;
    const auto own = IpAddress::parse(kWorlds[v4 ? 0 : 1].pod).value().bytes();
    const size_t at = v4 ? 26 : 22, length = v4 ? 4 : 16;
    return frame.size() >= at + length &&
           std::equal(own.end() - static_cast<long>(length), own.end(),
                      frame.begin() + static_cast<long>(at));
  }

  std::mt19937 random_{20240229};
};

constexpr Program kAll[] = {Program::kFromPod,  Program::kToPod,       Program::kFromDevice,
                            Program::kToDevice, Program::kFromOverlay, Program::kToOverlay};

TEST_F(ParserTest, WhatIsRightStaysRight) {
  for (int i = 0; i < kRounds && !HasFailure(); ++i) {
    const Program program = kAll[below(std::size(kAll))];
    const Frame frame = right_frame();
    SCOPED_TRACE(fmt::format("round {}: {} at {}", i, describe(frame), static_cast<int>(program)));
    ASSERT_EQ(describe(frame).find("BAD"), std::string::npos);
    const RunResult result = run_any(program, frame);
    if (result.action == TC_ACT_SHOT) continue;
    EXPECT_EQ(describe(result.frame).find("BAD"), std::string::npos) << describe(result.frame);
  }
}

TEST_F(ParserTest, GarbageIsPassedDroppedOrSentOnButNothingElse) {
  std::vector<Frame> seeds;
  for (const Case& test : packet_cases())
    for (const Step& step : test.steps) seeds.push_back(step.in);
  for (int i = 0; i < 3 * kRounds && !HasFailure(); ++i) {
    const Program program = kAll[below(std::size(kAll))];
    const Frame frame = damaged(seeds[below(static_cast<uint32_t>(seeds.size()))]);
    SCOPED_TRACE(fmt::format("round {}: {} at {}", i, describe(frame), static_cast<int>(program)));
    const RunResult result = run_any(program, frame);
    if (result.action != TC_ACT_REDIRECT || program != Program::kFromPod) continue;
    EXPECT_TRUE(is_own(frame)) << "somebody else's address got out of a pod";
  }
}

}  // namespace
}  // namespace skiff::testing
