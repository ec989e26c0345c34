// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/format.h"

#include "agent/trace/record_json.h"

namespace skiff::trace {

namespace {

bool same_end(const Peer& a, const Peer& b) {
  return a.address == b.address && a.port == b.port;
}

std::string bare(const Peer& peer) {
  return describe(Peer{.address = peer.address, .port = peer.port, .who = {}});
}

// Who, with the Service in the middle where there is one.
std::string path(const FlowRecord& record) {
  std::string text = describe(record.client);
  if (!same_end(record.client, record.sender) && !record.sender.address.is_unspecified())
    text += " (as " + bare(record.sender) + ")";
  if (record.service != nullptr)
    text += " => " + describe(*record.service) + " (" + bare(record.asked) + ")";
  if (record.service == nullptr || !same_end(record.asked, record.backend))
    text += " => " + describe(record.backend);
  return text;
}

// What the verdict alone does not say.
std::string why(const FlowRecord& record) {
  std::string text;
  if (!record.reason.empty()) text += " " + record.reason;
  if (record.kind == Kind::kKernelDropped) text += " at " + record.place;
  if (!record.lb_reason.empty()) text += " (" + record.lb_reason + ")";
  if (record.tcp_flags != 0) text += " [" + tcp_flag_names(record.tcp_flags) + "]";
  if (record.kind == Kind::kClosed)
    text += fmt::format(" {}/{} packets {}/{} after {}", record.packets[0], record.packets[1],
                        human_bytes(record.bytes[0]), human_bytes(record.bytes[1]),
                        human_time(record.age));
  if (record.suppressed != 0) text += fmt::format(" ({} more like this)", record.suppressed);
  return text;
}

}  // namespace

std::string human_bytes(uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1000000) return fmt::format("{:.1f} KB", static_cast<double>(bytes) / 1e3);
  if (bytes < 1000000000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

std::string human_time(Duration time) {
  const double ns = static_cast<double>(time.count());
  if (ns < 1e6) return fmt::format("{:.0f} us", ns / 1e3);
  if (ns < 1e9) return fmt::format("{:.1f} ms", ns / 1e6);
  return fmt::format("{:.1f} s", ns / 1e9);
}

std::string compact(const FlowRecord& record) {
  const std::string time = format_time(record.time);  // the day is not worth its room
  return fmt::format("{} {} {} {} {} {}{} {:06x}", time.substr(11, 15), record.node, path(record),
                     protocol_name(record.protocol), name_of(record.kind), name_of(record.verdict),
                     why(record), record.id & 0xffffff);
}

std::string wide(const FlowRecord& record) {
  std::string text = compact(record);
  text += fmt::format("\n    as sent     {} -> {}\n    as left     {} -> {}", bare(record.client),
                      bare(record.asked), bare(record.sender), bare(record.backend));
  text += fmt::format("\n    at          {} {} (ifindex {}){}{}", record.place, record.interface,
                      record.ifindex, record.pod_here.empty() ? "" : " of " + record.pod_here,
                      record.direction == Direction::kUnknown
                          ? std::string()
                          : fmt::format(", {}", name_of(record.direction)));
  text +=
      fmt::format("\n    counted     {}/{} packets, {}/{}", record.packets[0], record.packets[1],
                  human_bytes(record.bytes[0]), human_bytes(record.bytes[1]));
  for (const std::string& frame : record.stack) text += "\n        " + frame;
  return text;
}

}  // namespace skiff::trace
