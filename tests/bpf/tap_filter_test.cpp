// SPDX-License-Identifier: Apache-2.0
// Classic BPF in the tap (bpf/lib/tap_filter.h) against libpcap's own interpreter: thousands of
// packets, every kind of instruction that tcpdump's expressions are compiled to.
#include <pcap/pcap.h>

#include <cstring>
#include <random>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/trace.h"
#include "cli/packets/filter.h"
#include "tests/bpf/packet_fixture.h"

namespace skiff::testing {
namespace {

constexpr const char* kExpressions[] = {
    "tcp",
    "udp port 53",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[13] = 2",
    "tcp[tcpflags] == tcp-syn and dst portrange 100-2000",
    "icmp or icmp6",
    "ip proto 132 or ip6 proto 132",
    "src net 198.51.0.0/16 and not port 80",
    "ip6 and greater 90",
    "less 70",
    "ip[8] < 20",
    "ip[2:2] > 60 and ip[6:2] & 0x4000 = 0x4000",
    "ip[0] & 0xf = 5 and udp[4:2] >= 20",
    "ether[12:2] = 0x0800",
    "ether proto 0x86dd and ip6[6] = 6",
    "port 80 or 443 or 53",
    "host 10.89.0.2 and (tcp or udp)",
    "len % 7 = 3",
    "(ip[16:4] ^ 0x0a590002) = 0 and len * 3 > 200",
    "ip[9] + 10 = 16 or ip[9] - 1 = 16",
    "((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0",
    "tcp and ip[2:2] / 4 > 12",
    "dst port 8080 and not src host 203.0.113.9",
    "vlan or arp",
    "multicast or broadcast",
};

class TapFilter : public PacketTest {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped()) return;
    const std::string pins = test_pin_dir("harness");
    ring_ = datapath::Ring::open(pins, "tap_events", [this](std::string_view) { ++seen_; }).value();
    maps_ = datapath::open_trace_maps(pins).value();
    ASSERT_TRUE(ring_->consume().ok());
  }
  void TearDown() override {
    if (!maps_.taps) return;
    EXPECT_TRUE(maps_.taps->put(0, {}).ok());
    EXPECT_TRUE(maps_.control->put(0, {}).ok());
  }

  void use(const trace::PcapFilter& filter) {
    const uint64_t until =
        static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
    skiff_tap tap{};
    tap.until_ns = until;
    tap.budget = 1000000;
    tap.flags = SKIFF_TAP_FILTER;
    ASSERT_TRUE(maps_.tap_filters->put(0, trace::to_abi(filter)).ok());
    ASSERT_TRUE(maps_.taps->put(0, tap).ok());
    ASSERT_TRUE(
        maps_.control->put(0, {.taps_until_ns = until, .stack_until_ns = 0, .filtered = 1}).ok());
  }
  // Whether the program tells of the frame.
  bool is_told(const Frame& frame) {
    seen_ = 0;
    const auto result = harness().run(Program::kFromDevice, frame);
    EXPECT_TRUE(result.ok() && ring_->consume().ok());
    EXPECT_EQ(result->frame, frame) << "the oracle knows one frame only";
    return seen_ != 0;
  }

  std::unique_ptr<datapath::Ring> ring_;
  datapath::TraceMaps maps_;
  int seen_ = 0;
};

class RandomFrames {
 public:
  explicit RandomFrames(uint32_t seed) : random_(seed) {}

  // To the node itself, so that it passes as it is.
  Frame next() {
    const bool v4 = below(3) != 0;
    const char* from = v4 ? any({"198.51.100.7", "203.0.113.9"}) : any({"2001:db8::9"});
    const char* to = v4 ? "10.89.0.2" : "fd00:10:89::2";
    PacketBuilder builder(from, port(), to, port());
    builder.hop_limit(static_cast<uint8_t>(2 + below(250))).payload(std::string(below(120), 'x'));
    switch (below(4)) {
      case 0:
        return builder.udp().build();
      case 1:
        return builder.sctp().build();
      default:
        return builder.tcp(static_cast<uint8_t>(below(64))).build();
    }
  }

 private:
  size_t below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }
  const char* any(std::vector<const char*> values) { return values[below(values.size())]; }
  uint16_t port() {
    constexpr uint16_t kPorts[] = {53, 80, 443, 8080};
    return below(2) == 0 ? kPorts[below(4)] : static_cast<uint16_t>(1 + below(29000));
  }
  std::mt19937 random_;
};

TEST_F(TapFilter, AgreesWithLibpcapAboutEveryPacket) {
  RandomFrames frames(1);
  int accepted = 0, refused = 0;
  for (const char* expression : kExpressions) {
    const auto filter = cli::compile_pcap(expression);
    ASSERT_TRUE(filter.ok()) << expression << ": " << filter.status();
    std::vector<bpf_insn> oracle;
    for (const auto& one : filter->instructions)
      oracle.push_back({.code = one.code, .jt = one.jump_true, .jf = one.jump_false, .k = one.k});
    ASSERT_NO_FATAL_FAILURE(use(*filter));
    for (int i = 0; i < 120; ++i) {
      const Frame frame = frames.next();
      const auto size = static_cast<u_int>(frame.size());
      const bool wanted = ::bpf_filter(oracle.data(), frame.data(), size, size) != 0;
      ASSERT_EQ(is_told(frame), wanted) << expression << ", frame " << i;
      ++(wanted ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 300);
  EXPECT_GT(refused, 300);
}

TEST_F(TapFilter, SeesAPacketAsItCameAndAsItLeaves) {
  ASSERT_TRUE(
      harness()
          .add_service({.address = "10.96.0.20", .port = 80, .backends = {{"10.244.0.6", 8080}}})
          .ok());
  for (const char* expression : {"dst host 10.96.0.20", "dst port 8080"}) {
    ASSERT_NO_FATAL_FAILURE(use(cli::compile_pcap(expression).value()));
    seen_ = 0;
    run(Program::kFromPod, PacketBuilder("10.244.0.5", 40000, "10.96.0.20", 80).tcp(kSyn).build());
    ASSERT_TRUE(ring_->consume().ok());
    EXPECT_EQ(seen_, 1) << expression;
  }
  ASSERT_NO_FATAL_FAILURE(use(cli::compile_pcap("dst port 81").value()));
  seen_ = 0;
  run(Program::kFromPod, PacketBuilder("10.244.0.5", 40000, "10.96.0.20", 80).tcp(kSyn).build());
  ASSERT_TRUE(ring_->consume().ok());
  EXPECT_EQ(seen_, 0);
}

}  // namespace
}  // namespace skiff::testing
