// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/trace_cost.h"

#include <linux/pkt_cls.h>

#include "agent/datapath/flow_gc.h"
#include "agent/trace/pcap_filter.h"

namespace skiff::testing {
namespace {

constexpr const char* kRemotePod = "10.244.1.7";
constexpr const char* kVip = "10.96.0.20";

// `tcp[tcpflags] & FLAG != 0` of IPv4, as libpcap compiles it but for the fragments.
skiff_tap_filter flags_filter(uint32_t flag) {
  const skiff_filter_instruction program[] = {
      {0x28, 0, 0, 12},   {0x15, 0, 6, 0x0800}, {0x30, 0, 0, 23},
      {0x15, 0, 4, 6},    {0xb1, 0, 0, 14},     {0x50, 0, 0, 27},
      {0x45, 0, 1, flag}, {0x06, 0, 0, 65535},  {0x06, 0, 0, 0}};
  skiff_tap_filter filter{.count = std::size(program), .pad = 0, .instructions = {}};
  std::ranges::copy(program, filter.instructions);
  return filter;
}

}  // namespace

Result<std::unique_ptr<TraceCost>> TraceCost::create(bool traced) {
  std::unique_ptr<TraceCost> made(new TraceCost);
  datapath::DatapathOptions options;
  options.trace = traced;
  const int number = traced ? 2 : 3;
  made->number_ = static_cast<uint8_t>(number);
  ASSIGN_OR_RETURN(made->harness_, Harness::create(options, number));
  const std::string pins = test_pin_dir(fmt::format("harness{}", number));
  ASSIGN_OR_RETURN(made->maps_, datapath::open_trace_maps(pins));
  ASSIGN_OR_RETURN(made->ring_, datapath::Ring::open(pins, "tap_events", [](std::string_view) {}));
  RETURN_IF_ERROR(
      made->harness_->add_service({.address = kVip, .port = 80, .backends = {{kRemotePod, 8080}}}));
  for (const uint16_t port : {80, 443}) {
    const char* to = port == 80 ? kVip : kRemotePod;
    RETURN_IF_ERROR(made->run(made->segment(to, port, kSyn), 1, 1).status());
  }
  return made;
}

Frame TraceCost::segment(const char* to, uint16_t port, uint8_t flags) const {
  datapath::MacAddress pod = Harness::kPodMac, gateway = Harness::kPodGatewayMac;
  pod[1] = gateway[1] = number_;
  return PacketBuilder(harness_->pod_address(0, true).to_string(), 40000, to, port)
      .tcp(flags)
      .macs(gateway, pod)
      .payload("ping")
      .build();
}

// The kernel runs a program again on what the run before has made of the packet: one hop less,
// translated.
Result<uint32_t> TraceCost::run(const Frame& frame, uint32_t repeat, uint32_t at_once) {
  uint64_t nanoseconds = 0;
  const uint32_t lots = std::max(1U, repeat / at_once);
  for (uint32_t i = 0; i < lots; ++i) {
    ASSIGN_OR_RETURN(const RunResult result,
                     harness_->run(Program::kFromPod, frame, {.repeat = at_once}));
    if (result.action != TC_ACT_REDIRECT) return internal_error("the packet goes nowhere");
    nanoseconds += result.nanoseconds;
  }
  RETURN_IF_ERROR(ring_->consume().status());
  return static_cast<uint32_t>(nanoseconds / lots);
}

Result<uint32_t> TraceCost::untranslated(uint32_t repeat) {
  return run(segment(kRemotePod, 443, kAck | kPsh), repeat, 50);
}

Result<uint32_t> TraceCost::translated(uint32_t repeat) {
  return run(segment(kVip, 80, kAck | kPsh), repeat / 50, 1);
}

Status TraceCost::tap(Tap what) {
  const auto until =
      static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
  skiff_tap tap{};
  skiff_trace_control control{};
  if (what != Tap::kNone) {
    control.taps_until_ns = tap.until_ns = until;
    tap.budget = INT64_MAX;
    tap.protocol = what == Tap::kOthers ? 17 : 6;
    tap.snap = what == Tap::kTheseWithBytes ? 128 : 0;
  }
  if (what == Tap::kFilterAccepts || what == Tap::kFilterRefuses) {
    control.filtered = 1;
    tap.flags |= SKIFF_TAP_FILTER;
    RETURN_IF_ERROR(
        maps_.tap_filters->put(0, flags_filter(what == Tap::kFilterAccepts ? kAck : kSyn)));
  }
  RETURN_IF_ERROR(maps_.taps->put(0, tap));
  return maps_.control->put(0, control);
}

}  // namespace skiff::testing
