// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/walk_text.h"

#include <algorithm>
#include <ctime>
#include <span>

#include "agent/trace/record.h"

namespace skiff::cli {
namespace {

// enum verdict of bpf/lib/verdict.h
constexpr int32_t kRedirect = 2;
constexpr int32_t kEnd = 3;

struct Ends {
  IpAddress source, destination;
  uint16_t source_port, destination_port;
};

Ends ends_of(const skiff_tuple& tuple) {
  return {datapath::from_abi(tuple.source), datapath::from_abi(tuple.destination),
          datapath::port_of(tuple.source_port), datapath::port_of(tuple.destination_port)};
}

std::string change(const skiff_tuple& from, const skiff_tuple& to, const ClusterNames& names) {
  const Ends before = ends_of(from);
  const Ends after = ends_of(to);
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

double micros(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

struct PointName {
  const char* label;
};
#define SKIFF_POINT_NAME(id, label, text) {label},
constexpr PointName kPoints[] = {SKIFF_POINTS(SKIFF_POINT_NAME)};
#undef SKIFF_POINT_NAME

std::string point_label(uint32_t point) {
  return point < SKIFF_POINT_COUNT ? kPoints[point].label : fmt::format("point {}", point);
}

bool is_netfilter_first(uint32_t point) {
  return point >= SKIFF_POINT_NETFILTER_FIRST_PREROUTING &&
         point < SKIFF_POINT_NETFILTER_FIRST_PREROUTING + SKIFF_NETFILTER_HOOKS;
}

bool is_netfilter_last(uint32_t point) {
  return point >= SKIFF_POINT_NETFILTER_LAST_PREROUTING &&
         point < SKIFF_POINT_NETFILTER_LAST_PREROUTING + SKIFF_NETFILTER_HOOKS;
}

std::string place_text(const Sighting& step) {
  const trace::TapPlace& place = step.place;
  if (!step.is_point()) {
    const std::string hook = hook_name(step.packet.event.header.hook);
    return place.pod.empty() ? fmt::format("{} {}", hook, place.interface)
                             : fmt::format("{} {} ({})", hook, place.pod, place.interface);
  }
  const std::string space = place.interface.empty() ? "" : " ";
  if (place.inside) return fmt::format("in {}{}{}", place.pod, space, place.interface);
  if (!place.pod.empty()) return fmt::format("at {} of {}", place.interface, place.pod);
  return place.interface.empty() ? "at a socket of the node" : "at " + place.interface;
}

bool same_place(const Sighting& a, const Sighting& b) {
  return a.node == b.node && a.place.pod == b.place.pod && a.place.inside == b.place.inside &&
         (a.place.interface == b.place.interface || b.place.interface.empty());
}

// What the kernel has done by this point; empty: the point before has said it.
std::string point_text(std::span<const Sighting> steps, size_t at, const ClusterNames& names) {
  const trace::TapPacket& packet = steps[at].packet;
  const skiff_tap_event& event = packet.event;
  std::string text = point_label(event.point);
  const std::string changed = event.wrapped != 0 ? "inside " + names.path(event.after)
                                                 : change(event.before, event.after, names);
  if (is_netfilter_last(event.point)) {
    const bool began =
        at > 0 && steps[at - 1].packet.event.point + SKIFF_NETFILTER_HOOKS == event.point;
    text = "netfilter " + text;
    if (began) text += fmt::format(" {:.1f}us", micros(packet.time - steps[at - 1].packet.time));
    return changed.empty() ? text : text + ": " + changed;
  }
  if (is_netfilter_first(event.point)) {
    const bool ends = at + 1 < steps.size() &&
                      steps[at + 1].packet.event.point == event.point + SKIFF_NETFILTER_HOOKS;
    return ends ? "" : fmt::format("netfilter {} begins", text);
  }
  if (!packet.note.empty()) text += ": " + packet.note;
  return changed.empty() ? text : fmt::format("{} ({})", text, changed);
}

std::string line(double micro, const std::string& node, const std::string& where,
                 const std::string& what) {
  return fmt::format("  {:>+10.1f}us  {:<8} {:<40} {}\n", micro, node, where, what);
}

// Points of one place, one after the other.
std::string points_text(std::span<const Sighting> steps, TimePoint begun, const ClusterNames& names,
                        WalkDetail detail) {
  std::string text, parts;
  const TimePoint here = steps.front().packet.time;
  for (size_t i = 0; i < steps.size(); ++i) {
    std::string part = point_text(steps, i, names);
    if (part.empty()) continue;
    const TimePoint time = steps[i].packet.time;
    if (detail == WalkDetail::kPoints) {
      text += line(micros(time - begun), steps[i].node, place_text(steps[i]), part);
      continue;
    }
    if (const double later = micros(time - here); !parts.empty() && later >= 1)
      part += fmt::format(" +{:.0f}us", later);
    parts += (parts.empty() ? "" : ", ") + part;
  }
  if (detail == WalkDetail::kPoints || parts.empty()) return text;
  return line(micros(here - begun), steps.front().node, place_text(steps.front()), parts);
}

std::string hook_text(const Sighting& step, TimePoint begun, const ClusterNames& names) {
  const skiff_tap_event& event = step.packet.event;
  std::string what =
      step.is_carried()
          ? fmt::format("for {}", names.of(datapath::from_abi(event.after.destination),
                                           datapath::port_of(event.after.destination_port)))
          : change(event.before, event.after, names);
  what += (what.empty() ? "" : "; ") + verdict_name(step);
  return line(micros(step.packet.time - begun), step.node, place_text(step), what);
}

std::string socket_text(const SocketSighting& seen, const ClusterNames& names) {
  const std::string where = "socket of " + (seen.socket.pod.empty() ? "the node" : seen.socket.pod);
  const Ends given = ends_of(seen.socket.given);
  const std::string what =
      given.destination.is_unspecified()
          ? "refused: " + seen.socket.why
          : fmt::format("{} ({})", change(seen.socket.asked, seen.socket.given, names),
                        seen.socket.why);
  return line(0, seen.node, where, what);
}

std::string title(const Walk& walk, const ClusterNames& names) {
  if (walk.steps.empty()) {
    const trace::TapSocket& socket = walk.socket->socket;
    return fmt::format("{} {} {}, no packet\n", clock_text(socket.time), names.path(socket.asked),
                       trace::protocol_name(socket.asked.protocol));
  }
  const skiff_tap_event& first = walk.steps.front().packet.event;
  std::string what = trace::protocol_name(first.before.protocol);
  if (const std::string flags = trace::tcp_flag_names(first.header.tcp_flags); !flags.empty())
    what += " " + flags;
  const TimePoint begun = walk.socket ? walk.socket->socket.time : walk.steps.front().packet.time;
  return fmt::format("{} {} {} len {}\n", clock_text(begun), names.path(first.before), what,
                     first.header.length);
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
    default:
      return fmt::format("hook {}", hook);
  }
}

std::string verdict_name(int32_t verdict) {
  if (verdict == kRedirect) return "redirected";
  if (verdict == kEnd) return "ends: meant for nobody";
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

std::string verdict_name(const Sighting& step) {
  return step.is_carried() ? "carried across as it came, to be answered there"
                           : verdict_name(step.packet.event.verdict);
}

std::string print(const Walk& walk, const ClusterNames& names, WalkDetail detail) {
  if (walk.steps.empty() && !walk.socket) return "";
  std::string text = title(walk, names);
  const TimePoint begun = walk.socket ? walk.socket->socket.time : walk.steps.front().packet.time;
  if (walk.socket) text += socket_text(*walk.socket, names);
  const std::span<const Sighting> steps = walk.steps;
  for (size_t i = 0; i < steps.size();) {
    if (!steps[i].is_point()) {
      text += hook_text(steps[i++], begun, names);
      continue;
    }
    size_t end = i + 1;
    while (end < steps.size() && steps[end].is_point() && same_place(steps[i], steps[end])) ++end;
    text += points_text(steps.subspan(i, end - i), begun, names, detail);
    i = end;
  }
  return text;
}

}  // namespace skiff::cli
