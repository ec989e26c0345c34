// SPDX-License-Identifier: Apache-2.0
// What the programs tell of packets: events of flows in the ring, untranslated flows counted, taps.
#include <linux/pkt_cls.h>

#include <cstring>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/trace.h"
#include "bpf/abi/overlay.h"
#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

constexpr const char* kPod = "10.244.0.5";
constexpr const char* kOtherPod = "10.244.0.6";
constexpr const char* kVip = "10.96.0.20";

class TraceTest : public PacketTest {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const std::string pins = test_pin_dir("harness");
    auto events = datapath::Ring::open(pins, "trace_events", [this](std::string_view bytes) {
      skiff_flow_event event;
      ASSERT_EQ(bytes.size(), sizeof(event));
      std::memcpy(&event, bytes.data(), sizeof(event));
      events_.push_back(event);
    });
    ASSERT_TRUE(events.ok()) << events.status();
    ring_ = std::move(*events);
    auto packets = datapath::Ring::open(pins, "tap_events", [this](std::string_view bytes) {
      skiff_tap_event event;
      ASSERT_GE(bytes.size(), sizeof(event));
      std::memcpy(&event, bytes.data(), sizeof(event));
      packets_.emplace_back(event, bytes.substr(sizeof(event)));
    });
    ASSERT_TRUE(packets.ok()) << packets.status();
    packet_ring_ = std::move(*packets);
    maps_ = datapath::open_trace_maps(pins).value();
    ASSERT_TRUE(datapath::sync(*maps_.seen_flows, {}).ok());
    ASSERT_NO_FATAL_FAILURE(tap_nothing());
    read();
    events_.clear();
    packets_.clear();
  }
  void read() {
    ASSERT_TRUE(ring_->consume().ok());
    ASSERT_TRUE(packet_ring_->consume().ok());
  }
  // Kinds of the events since the last call.
  std::vector<int> kinds() {
    events_.clear();
    read();
    std::vector<int> kinds;
    for (const auto& event : events_) kinds.push_back(event.header.kind);
    return kinds;
  }
  void tap(skiff_tap tap) {
    const uint64_t until =
        static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
    if (tap.until_ns == 0) tap.until_ns = until;
    ASSERT_TRUE(maps_.taps->put(0, tap).ok());
    ASSERT_TRUE(maps_.control->put(0, {.taps_until_ns = until}).ok());
  }
  void tap_nothing() {
    ASSERT_TRUE(maps_.taps->put(0, {}).ok());
    ASSERT_TRUE(maps_.control->put(0, {}).ok());
  }
  Frame packet(const char* from, uint16_t from_port, const char* to, uint16_t to_port,
               uint8_t flags) {
    return PacketBuilder(from, from_port, to, to_port).tcp(flags).build();
  }

  std::unique_ptr<datapath::Ring> ring_, packet_ring_;
  datapath::TraceMaps maps_;
  std::vector<skiff_flow_event> events_;
  std::vector<std::pair<skiff_tap_event, std::string>> packets_;
};

TEST_F(TraceTest, AServiceFlowIsToldOfWhenItBeginsAndEnds) {
  ASSERT_TRUE(
      harness().add_service({.address = kVip, .port = 80, .backends = {{kOtherPod, 8080}}}).ok());
  run(Program::kFromPod, packet(kPod, 40000, kVip, 80, kSyn));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_NEW}));
  const skiff_flow_event begun = events_.at(0);
  EXPECT_EQ(begun.service_id, 1u);
  EXPECT_EQ(begun.lb_reason, SKIFF_LB_ONLY);
  EXPECT_EQ(begun.header.hook, SKIFF_HOOK_FROM_POD);
  EXPECT_EQ(begun.header.tcp_flags, kSyn);
  EXPECT_EQ(datapath::from_abi(begun.original.destination).to_string(), kVip);
  EXPECT_EQ(datapath::from_abi(begun.translated.destination).to_string(), kOtherPod);

  for (int i = 0; i < 5; ++i) run(Program::kFromPod, packet(kPod, 40000, kVip, 80, kAck));
  EXPECT_EQ(kinds(), std::vector<int>{});  // never one a packet
  run(Program::kFromPod, packet(kPod, 40000, kVip, 80, kRst));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_CLOSED}));
  EXPECT_EQ(events_.at(0).packets[0], 7u);
}

TEST_F(TraceTest, AFlowWithoutTranslationIsCountedBothWays) {
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kSyn));
  run(Program::kFromDevice, packet("10.244.1.7", 80, kPod, 40000, kSyn | kAck));
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kAck));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_NEW}));
  EXPECT_EQ(events_.at(0).service_id, 0u);
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kFin | kAck));
  EXPECT_EQ(kinds(), std::vector<int>{});
  run(Program::kFromDevice, packet("10.244.1.7", 80, kPod, 40000, kFin | kAck));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_CLOSED}));
  EXPECT_EQ(events_.at(0).packets[0], 3u);
  EXPECT_EQ(events_.at(0).packets[1], 2u);
  EXPECT_EQ(datapath::from_abi(events_.at(0).original.source).to_string(), kPod);
  // The same ports again are another flow.
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kSyn));
  EXPECT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_NEW}));
}

TEST_F(TraceTest, EveryPacketIsCountedAtOnceWhicheverWayItTook) {
  const Frame there = packet(kPod, 40000, "10.244.1.7", 80, kAck);
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kSyn));
  for (int i = 0; i < 10; ++i) run(Program::kFromPod, there);
  uint64_t packets = 0, bytes = 0;
  ASSERT_TRUE(maps_.seen_flows
                  ->for_each([&](const auto&, const skiff_seen_flow& seen) {
                    packets += seen.ways[0].packets;
                    bytes += seen.ways[0].bytes;
                  })
                  .ok());
  EXPECT_EQ(packets, 11u);
  EXPECT_EQ(bytes, 11 * there.size());
  kinds();
  run(Program::kFromDevice, packet("10.244.1.7", 80, kPod, 40000, kRst));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_CLOSED}));
  EXPECT_EQ(events_.at(0).packets[0], 11u);
  EXPECT_EQ(events_.at(0).packets[1], 1u);
}

TEST_F(TraceTest, ARefusalAndADropSayWhy) {
  ASSERT_TRUE(harness().add_service({.address = kVip, .port = 80, .backends = {}}).ok());
  run(Program::kFromPod, packet(kPod, 40000, kVip, 80, kSyn));
  run(Program::kFromPod, packet("10.244.0.99", 40000, "10.244.1.7", 80, kSyn));
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_REFUSED, SKIFF_TRACE_DROPPED}));
  EXPECT_EQ(events_.at(0).reason, SKIFF_REASON_NO_ENDPOINTS);
  EXPECT_EQ(events_.at(0).lb_reason, SKIFF_LB_NO_BACKEND);
  EXPECT_EQ(events_.at(1).reason, SKIFF_REASON_BAD_SOURCE);
}

TEST_F(TraceTest, EveryChoiceOfABackendSaysWhy) {
  const auto why = [&](Program program, const Harness::Service& service, const char* client,
                       uint16_t port) -> int {
    EXPECT_TRUE(harness().add_service(service).ok());
    run(program, packet(client, port, kVip, 80, kSyn));
    EXPECT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_NEW}));
    return events_.empty() ? -1 : events_.at(0).lb_reason;
  };
  Harness::Service service = {
      .address = kVip, .port = 80, .backends = {{kOtherPod, 8080}, {"10.244.1.7", 8080}}};
  EXPECT_EQ(why(Program::kFromPod, service, kPod, 40000), SKIFF_LB_CHOSEN);
  service.flags = SKIFF_FRONTEND_LOCAL;
  EXPECT_EQ(why(Program::kFromPod, service, kPod, 40001), SKIFF_LB_LOCAL);
  service.flags = 0;
  service.affinity_seconds = 60;
  EXPECT_EQ(why(Program::kFromPod, service, kPod, 40002), SKIFF_LB_AFFINITY_NEW);
  EXPECT_EQ(why(Program::kFromPod, service, kPod, 40003), SKIFF_LB_AFFINITY);
  service.affinity_seconds = 0;
  service.flags = SKIFF_FRONTEND_MAGLEV;
  service.maglev_base = 50;
  service.maglev_size = 3;
  ASSERT_TRUE(harness().maps().maglev->put(50, {.offset = {0, 1, 0}}).ok());
  EXPECT_EQ(why(Program::kFromDevice, service, "203.0.113.9", 5000), SKIFF_LB_HASH);
  EXPECT_EQ(why(Program::kFromPod, service, kPod, 40004), SKIFF_LB_CHOSEN)
      << "clients inside are left to chance";
}

TEST_F(TraceTest, ADatagramWhoseBackendIsGoneSaysThatAnotherReplacesIt) {
  Harness::Service service = {
      .address = kVip, .port = 53, .protocol = 17, .backends = {{kOtherPod, 53}}};
  ASSERT_TRUE(harness().add_service(service).ok());
  const Frame datagram = PacketBuilder(kPod, 40000, kVip, 53).udp().build();
  run(Program::kFromPod, datagram);
  service.backends = {{"10.244.1.7", 53}};
  service.generation = 2;
  ASSERT_TRUE(harness().add_service(service).ok());
  run(Program::kFromPod, datagram);
  ASSERT_EQ(kinds(), (std::vector<int>{SKIFF_TRACE_NEW, SKIFF_TRACE_NEW}));
  EXPECT_EQ(events_.at(0).lb_reason, SKIFF_LB_ONLY);
  EXPECT_EQ(events_.at(1).lb_reason, SKIFF_LB_REPLACED);
}

TEST_F(TraceTest, AFloodOfDropsIsHeldBackAndCounted) {
  const auto before = datapath::read_trace_losses(test_pin_dir("harness")).value();
  const Frame bad = packet("10.244.0.99", 40000, "10.244.1.7", 80, kSyn);
  ASSERT_TRUE(harness().run(Program::kFromPod, bad, {.repeat = 5000}).ok());
  const size_t told = kinds().size();
  const auto after = datapath::read_trace_losses(test_pin_dir("harness")).value();
  EXPECT_LT(told, 5000u);
  EXPECT_EQ(told + (after.drop.limited - before.drop.limited) +
                (after.drop.ring_full - before.drop.ring_full),
            5000u);
}

TEST_F(TraceTest, ATapShowsPacketsBeforeAndAfterTranslation) {
  ASSERT_TRUE(
      harness().add_service({.address = kVip, .port = 80, .backends = {{kOtherPod, 8080}}}).ok());
  skiff_tap wanted{};
  wanted.budget = 2;
  wanted.destination_port = datapath::port_be(8080);  // known after translation only
  wanted.snap = 54;
  tap(wanted);
  for (const uint16_t port : {40001, 40002, 40003})
    run(Program::kFromPod, packet(kPod, port, kVip, 80, kSyn));
  run(Program::kFromPod, packet(kPod, 40004, "10.244.1.7", 443, kSyn));
  read();
  ASSERT_EQ(packets_.size(), 2u);  // its budget
  const auto& [event, bytes] = packets_.at(0);
  EXPECT_EQ(event.taps, 1u);
  EXPECT_EQ(datapath::port_of(event.before.destination_port), 80);
  EXPECT_EQ(datapath::port_of(event.after.destination_port), 8080);
  EXPECT_GE(event.verdict, 0);
  EXPECT_EQ(event.tcp_sequence, 1000u);
  EXPECT_EQ(event.captured, 54u);
  EXPECT_EQ(bytes.substr(0, 54).size(), 54u);
}

TEST_F(TraceTest, ATapKnowsWhatTheOtherNodeMakesOfWhatIsCarriedThere) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(
        harness()
            .add_service(
                {.port = 30080, .backends = {{w.far_pod, 8080}}, .flags = SKIFF_FRONTEND_DSR})
            .ok());
    skiff_tap wanted{};
    wanted.budget = 2;
    wanted.destination_port = datapath::port_be(8080);  // of no packet here
    tap(wanted);
    packets_.clear();
    for (const uint8_t flags : {kSyn, kAck})
      run(Program::kFromDevice, PacketBuilder(w.outside, 40000, w.node, 30080).tcp(flags).build());
    read();
    ASSERT_EQ(packets_.size(), 2u);
    for (const auto& [event, bytes] : packets_) {
      EXPECT_EQ(event.mark, uint32_t{SKIFF_CARRIED_MARK});
      EXPECT_EQ(datapath::port_of(event.before.destination_port), 30080);
      EXPECT_EQ(datapath::from_abi(event.after.destination).to_string(), w.far_pod);
    }
  }
}

TEST_F(TraceTest, ATapSeesAtTheDeviceWhatThePodsProgramWouldSpareIt) {
  const Frame frame = packet(kPod, 1, "10.244.1.7", 2, kSyn);
  ASSERT_EQ(run(Program::kFromPod, frame).mark, uint32_t{SKIFF_ROUTED_MARK});
  tap({.budget = 10});
  EXPECT_EQ(run(Program::kFromPod, frame).mark, 0u);
}

TEST_F(TraceTest, ATapSeesARefusedPacketAsItCame) {
  ASSERT_TRUE(harness().add_service({.address = kVip, .port = 80, .backends = {}}).ok());
  skiff_tap wanted{};
  wanted.budget = 10;
  wanted.flags = SKIFF_TAP_DROPS;
  tap(wanted);
  run(Program::kFromPod, packet(kPod, 40000, kVip, 80, kSyn));
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kSyn));
  read();
  ASSERT_EQ(packets_.size(), 1u);
  EXPECT_EQ(packets_.at(0).first.verdict, -SKIFF_REASON_NO_ENDPOINTS);
  EXPECT_EQ(datapath::from_abi(packets_.at(0).first.after.destination).to_string(), kVip);
}

TEST_F(TraceTest, ATapEndsByItself) {
  skiff_tap wanted{};
  wanted.budget = 10;
  wanted.until_ns = 1;
  tap(wanted);
  run(Program::kFromPod, packet(kPod, 40000, "10.244.1.7", 80, kSyn));
  read();
  EXPECT_TRUE(packets_.empty());
}

TEST_F(TraceTest, TheKernelsReasonsHaveNames) {
  const auto reasons = datapath::kernel_drop_reasons();
  if (reasons.empty()) GTEST_SKIP() << "this kernel has no BTF";
  bool found = false;
  for (const auto& [number, name] : reasons) found = found || name == "NETFILTER_DROP";
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace skiff::testing
