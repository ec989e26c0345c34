// SPDX-License-Identifier: Apache-2.0
// Losing is allowed, silence is not: whatever a full ring or the limit a second takes away is
// counted, to the last event. And a node without tracing has nothing of it in its programs.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <linux/bpf.h>

#include <cstring>
#include <set>
#include <thread>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/path.h"
#include "agent/datapath/trace.h"
#include "bpf/lib/limit.h"
#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/trace_cost.h"

namespace skiff::testing {
namespace {

using datapath::TraceLosses;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr const char* kPod = "10.244.0.5";
constexpr const char* kRemotePod = "10.244.1.7";

class TraceLoss : public PacketTest {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped()) return;
    const std::string pins = test_pin_dir("harness");
    for (const char* name : {"trace_events", "tap_events"}) {
      rings_.push_back(datapath::Ring::open(pins, name, [this](std::string_view event) {
                         count(event);
                       }).value());
    }
    maps_ = datapath::open_trace_maps(pins).value();
    (void)told();
    before_ = losses();
  }
  void TearDown() override {
    if (!maps_.taps) return;
    EXPECT_TRUE(maps_.taps->put(0, {}).ok());
    EXPECT_TRUE(maps_.control->put(0, {}).ok());
  }
  static TraceLosses losses() {
    return datapath::read_trace_losses(test_pin_dir("harness")).value();
  }
  // What the kernel gives up by itself (neighbour discovery of a namespace) is none of ours.
  void count(std::string_view event) {
    skiff_trace_header header;
    std::memcpy(&header, event.data(), sizeof(header));
    if (header.kind != SKIFF_TRACE_KERNEL_DROP && header.kind != SKIFF_TRACE_DROPPED) ++told_;
  }
  // Events that came out of the rings since the last call.
  uint64_t told() {
    told_ = 0;
    for (const auto& ring : rings_) EXPECT_TRUE(ring->consume().ok());
    return told_;
  }

  std::vector<std::unique_ptr<datapath::Ring>> rings_;
  datapath::TraceMaps maps_;
  TraceLosses before_;
  uint64_t told_ = 0;
};

TEST_F(TraceLoss, FlowsThatFindNoRoomInTheRingAreCounted) {
  constexpr uint16_t kFlows = 12000;  // more than half a MiB of events
  for (uint16_t i = 0; i < kFlows; ++i) {
    const uint16_t port = static_cast<uint16_t>(20000 + i);
    run(Program::kFromPod, PacketBuilder(kPod, port, kRemotePod, 80).tcp(kSyn).build());
  }
  const uint64_t seen = told();
  const TraceLosses after = losses();
  const uint64_t full = after.flow.ring_full - before_.flow.ring_full;
  EXPECT_GT(full, 0U);
  EXPECT_EQ(seen + full + (after.flow.limited - before_.flow.limited), kFlows);
  // There is room again: the next one is told of.
  run(Program::kFromPod, PacketBuilder(kPod, 19999, kRemotePod, 80).tcp(kSyn).build());
  EXPECT_EQ(told(), 1U);
}

TEST_F(TraceLoss, TappedPacketsThatFindNoRoomOrAreTooManyAreCounted) {
  constexpr uint32_t kPackets = 400000;  // above both the ring and the limit of a second
  skiff_tap tap{};
  tap.until_ns = static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
  tap.budget = kPackets;
  ASSERT_TRUE(maps_.taps->put(0, tap).ok());
  ASSERT_TRUE(maps_.control->put(0, {.taps_until_ns = tap.until_ns}).ok());
  const Frame frame = PacketBuilder(kPod, 40000, kRemotePod, 80).udp().payload("x").build();
  ASSERT_TRUE(harness().run(Program::kFromPod, frame, {.repeat = kPackets}).ok());
  // The budget is spent: the tap has ended by itself.
  ASSERT_TRUE(harness().run(Program::kFromPod, frame, {.repeat = 100}).ok());
  const TraceLosses after = losses();
  const uint64_t full = after.tap.ring_full - before_.tap.ring_full;
  const uint64_t limited = after.tap.limited - before_.tap.limited;
  EXPECT_GT(full, 0U);
  told_ = 0;
  ASSERT_TRUE(rings_.back()->consume().ok());
  EXPECT_EQ(told_ + full + limited, kPackets);
}

// A socket's program is preempted by a packet's on its CPU, netfilter's go on at another: two at
// once is the worst of that.
TEST(TraceLimit, NoCountIsLostWhereProgramsMeet) {
  constexpr uint32_t kTries = 1000000, kLimit = 1000, kWindows = 10;
  skiff_trace_loss loss{};
  std::array<uint64_t, 2> allowed{}, told{};
  const auto program = [&](size_t number) {
    for (uint32_t i = 0; i < kTries; ++i) {
      const uint64_t now = (2 + i / (kTries / kWindows)) * 2ULL * TRACE_WINDOW_NS;
      if (!trace_allowed(&loss, kLimit, now)) continue;
      ++allowed[number];
      const uint32_t taken = take_suppressed(&loss);
      if (allowed[number] % 2 == 0)
        count_ring_full(&loss, taken);
      else
        told[number] += taken;
    }
  };
  std::thread other(program, 1);
  program(0);
  other.join();
  EXPECT_EQ(allowed[0] + allowed[1] + loss.limited, 2 * kTries);
  EXPECT_EQ(loss.ring_full, allowed[0] / 2 + allowed[1] / 2);
  EXPECT_EQ(told[0] + told[1] + loss.suppressed, loss.limited);
  // A second may begin twice, where one of them was held up: never more often.
  EXPECT_LE(allowed[0] + allowed[1], 2 * 2 * kWindows * kLimit);
}

TEST(TraceLimit, WhoWasHeldUpBeginsNoOlderSecondAgain) {
  skiff_trace_loss loss{};
  EXPECT_TRUE(trace_allowed(&loss, 1, 5ULL * TRACE_WINDOW_NS));
  EXPECT_FALSE(trace_allowed(&loss, 1, 4ULL * TRACE_WINDOW_NS));
  EXPECT_FALSE(trace_allowed(&loss, 1, 5ULL * TRACE_WINDOW_NS + 1));
  EXPECT_TRUE(trace_allowed(&loss, 1, 7ULL * TRACE_WINDOW_NS));
  EXPECT_EQ(loss.limited, 2U);
}

// Names of the maps that instructions of these programs refer to; as the kernel runs them, after it
// has cut out what constants decide.
std::set<std::string> maps_named_by(const std::vector<uint32_t>& programs) {
  std::set<std::string> names;
  for (const uint32_t id : programs) {
    const UniqueFd program(::bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    uint32_t length = sizeof(info);
    if (!program || ::bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) continue;
    std::vector<bpf_insn> code(info.xlated_prog_len / sizeof(bpf_insn));
    bpf_prog_info wanted{};
    wanted.xlated_prog_len = info.xlated_prog_len;
    wanted.xlated_prog_insns = reinterpret_cast<uint64_t>(code.data());
    length = sizeof(wanted);
    if (::bpf_obj_get_info_by_fd(program.get(), &wanted, &length) != 0) continue;
    for (const bpf_insn& one : code) {
      if (one.code != (BPF_LD | BPF_IMM | BPF_DW) ||
          (one.src_reg != BPF_PSEUDO_MAP_FD && one.src_reg != BPF_PSEUDO_MAP_VALUE))
        continue;
      const UniqueFd map(::bpf_map_get_fd_by_id(static_cast<uint32_t>(one.imm)));
      bpf_map_info about{};
      length = sizeof(about);
      if (map && ::bpf_obj_get_info_by_fd(map.get(), &about, &length) == 0)
        names.insert(about.name);
    }
  }
  return names;
}

// Maps whose only use is to tell.
std::set<std::string> tracing_in_programs_of(bool traced) {
  const std::vector<uint32_t> others = datapath::loaded_programs("skiff_");
  auto node = TraceCost::create(traced);
  EXPECT_TRUE(node.ok()) << node.status();
  std::vector<uint32_t> own;
  for (const uint32_t id : datapath::loaded_programs("skiff_"))
    if (std::ranges::find(others, id) == others.end()) own.push_back(id);
  EXPECT_GE(own.size(), 6U);
  std::set<std::string> found;
  for (const std::string& name : maps_named_by(own))
    for (const char* map : {"trace_events", "tap_events", "trace_losses", "seen_flows",
                            "trace_control", "taps", "tap_filters", "tap_scratch"})
      if (name == map) found.insert(name);
  return found;
}

TEST(TraceOff, NoProgramTouchesAMapOfTracing) {
  if (const auto reason = isolate_process()) GTEST_SKIP() << *reason;
  EXPECT_THAT(tracing_in_programs_of(true),
              IsSupersetOf({"trace_events", "seen_flows", "trace_control", "taps"}));
  EXPECT_THAT(tracing_in_programs_of(false), IsEmpty());
}

}  // namespace
}  // namespace skiff::testing
