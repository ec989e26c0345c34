// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/walk.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iterator>
#include <utility>

#include "agent/trace/record.h"

namespace skiff::cli {
namespace {

constexpr int32_t kRedirect = 2;  // enum verdict of bpf/lib/verdict.h

bool same(const skiff_tuple& a, const skiff_tuple& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

bool been_at(const Walk& walk, const Sighting& sighting) {
  return std::ranges::any_of(walk.steps, [&](const Sighting& step) {
    return step.node == sighting.node &&
           step.packet.event.header.hook == sighting.packet.event.header.hook &&
           step.place.number == sighting.place.number;
  });
}

bool continues(const Walk& walk, const Sighting& next, std::chrono::nanoseconds window) {
  const trace::TapPacket& last = walk.steps.back().packet;
  const skiff_tap_event& before = last.event;
  const skiff_tap_event& after = next.packet.event;
  return before.verdict >= 0 && same(before.after, after.before) &&
         before.tcp_sequence == after.tcp_sequence &&
         before.ip_identification == after.ip_identification &&
         next.packet.time - last.time <= window && !been_at(walk, next);
}

struct Ends {
  IpAddress source, destination;
  uint16_t source_port, destination_port;
};

Ends ends_of(const skiff_tuple& tuple) {
  return {datapath::from_abi(tuple.source), datapath::from_abi(tuple.destination),
          datapath::port_of(tuple.source_port), datapath::port_of(tuple.destination_port)};
}

std::string change(const skiff_tap_event& event, const ClusterNames& names) {
  const Ends before = ends_of(event.before);
  const Ends after = ends_of(event.after);
  std::string text;
  if (before.destination != after.destination || before.destination_port != after.destination_port)
    text += fmt::format("{} becomes {}", names.of(before.destination, before.destination_port),
                        names.of(after.destination, after.destination_port));
  if (before.source != after.source || before.source_port != after.source_port)
    text += fmt::format("{}{} hides as {}", text.empty() ? "" : ", ",
                        names.of(before.source, before.source_port),
                        names.of(after.source, after.source_port));
  return text;
}

std::string clock_text(TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  const auto micro = std::chrono::duration_cast<std::chrono::microseconds>(
      time - std::chrono::system_clock::from_time_t(seconds));
  return fmt::format("{:02}:{:02}:{:02}.{:06}", parts.tm_hour, parts.tm_min, parts.tm_sec,
                     micro.count());
}

std::string step_text(const Sighting& step, TimePoint begun, const ClusterNames& names) {
  const skiff_tap_event& event = step.packet.event;
  const double micro = std::chrono::duration<double, std::micro>(step.packet.time - begun).count();
  const std::string where =
      step.place.pod.empty()
          ? fmt::format("{} {}", hook_name(event.header.hook), step.place.interface)
          : fmt::format("{} {} ({})", hook_name(event.header.hook), step.place.pod,
                        step.place.interface);
  std::string what = change(event, names);
  what += (what.empty() ? "" : "; ") + verdict_name(event.verdict);
  return fmt::format("  {:>+10.1f}us  {:<8} {:<40} {}\n", micro, step.node, where, what);
}

}  // namespace

std::string hook_name(uint8_t hook) {
  switch (hook) {
    case SKIFF_HOOK_FROM_POD:
      return "from pod";
    case SKIFF_HOOK_TO_POD:
      return "to pod";
    case SKIFF_HOOK_FROM_DEVICE:
      return "from device";
    case SKIFF_HOOK_TO_DEVICE:
      return "to device";
    case SKIFF_HOOK_SOCKET:
      return "socket";
    case SKIFF_HOOK_KERNEL:
      return "kernel";
    default:
      return fmt::format("point {}", hook);
  }
}

std::string verdict_name(int32_t verdict) {
  if (verdict == kRedirect) return "redirected";
  if (verdict >= 0) return "goes on";
  switch (-verdict) {
#define SKIFF_REASON_CASE(id, label, text) \
  case SKIFF_REASON_##id:                  \
    return "lost: " label;
    SKIFF_REASONS(SKIFF_REASON_CASE)
#undef SKIFF_REASON_CASE
    default:
      return fmt::format("lost: reason {}", -verdict);
  }
}

std::vector<Walk> join(std::vector<Sighting> sightings, std::chrono::nanoseconds window) {
  std::ranges::sort(sightings, {}, [](const Sighting& sighting) { return sighting.packet.time; });
  std::vector<Walk> walks;
  for (Sighting& sighting : sightings) {
    const auto walk = std::ranges::find_if(
        walks, [&](const Walk& one) { return continues(one, sighting, window); });
    if (walk != walks.end()) {
      walk->steps.push_back(std::move(sighting));
      continue;
    }
    walks.emplace_back();
    walks.back().steps.push_back(std::move(sighting));
  }
  return walks;
}

std::vector<Walk> take_settled(std::vector<Sighting>& waiting,
                               std::chrono::steady_clock::time_point before) {
  std::vector<Walk> settled;
  for (Walk& walk : join(std::exchange(waiting, {}))) {
    if (std::ranges::all_of(walk.steps,
                            [&](const Sighting& step) { return step.arrived <= before; })) {
      settled.push_back(std::move(walk));
    } else {
      std::ranges::move(walk.steps, std::back_inserter(waiting));
    }
  }
  return settled;
}

std::string print(const Walk& walk, const ClusterNames& names) {
  if (walk.steps.empty()) return "";
  const Sighting& first = walk.steps.front();
  const Ends ends = ends_of(first.packet.event.before);
  const skiff_trace_header& header = first.packet.event.header;
  std::string what = trace::protocol_name(first.packet.event.before.protocol);
  if (const std::string flags = trace::tcp_flag_names(header.tcp_flags); !flags.empty())
    what += " " + flags;
  std::string text =
      fmt::format("{} {} -> {} {} len {}\n", clock_text(first.packet.time),
                  names.of(ends.source, ends.source_port),
                  names.of(ends.destination, ends.destination_port), what, header.length);
  for (const Sighting& step : walk.steps) text += step_text(step, first.packet.time, names);
  return text;
}

}  // namespace skiff::cli
