// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/format.h"

#include <fmt/ranges.h>

#include <utility>

#include "agent/trace/record_json.h"
#include "bpf/abi/reason.h"

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

// Of a flow that was denied: by whom. Policies add up, so it is all of them together.
std::string deniers(const FlowRecord& record) {
  const bool egress = record.reason_code == SKIFF_REASON_POLICY_EGRESS;
  if (!egress && record.reason_code != SKIFF_REASON_POLICY_INGRESS) return "";
  const auto& names = egress ? record.policies.egress : record.policies.ingress;
  return names.empty() ? "" : fmt::format(" of {}", fmt::join(names, ", "));
}

// What the verdict alone does not say.
std::string why(const FlowRecord& record) {
  std::string text;
  if (!record.reason.empty()) text += " " + record.reason + deniers(record);
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

// "default/client => DNS A web.shop.svc.cluster.local. NXDOMAIN in 120 us".
std::string dns_text(const FlowRecord& record) {
  const DnsExchange& dns = *record.dns;
  std::string text =
      fmt::format("{} => DNS {} {} {}", describe(record.client), dns.type, dns.name, dns.rcode);
  for (size_t i = 0; i < dns.addresses.size(); ++i)
    text += (i == 0 ? " " : ", ") + dns.addresses[i].to_string();
  return text + fmt::format(" in {}{}", human_time(dns.took), dns.forwarded ? ", forwarded" : "");
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
  if (record.dns != nullptr)
    return fmt::format("{} {} {} {:06x}", time.substr(11, 15), record.node, dns_text(record),
                       record.id & 0xffffff);
  return fmt::format("{} {} {} {} {} {}{} {:06x}", time.substr(11, 15), record.node, path(record),
                     protocol_name(record.protocol), name_of(record.kind), name_of(record.verdict),
                     why(record), record.id & 0xffffff);
}

std::string wide(const FlowRecord& record) {
  std::string text = compact(record);
  text += fmt::format("\n    as sent     {} -> {}\n    as left     {} -> {}", bare(record.client),
                      bare(record.asked), bare(record.sender), bare(record.backend));
  text += fmt::format("\n    at          {}{}{}{}", record.place,
                      record.ifindex == 0  // a socket
                          ? std::string()
                          : fmt::format(" {} (ifindex {})", record.interface, record.ifindex),
                      record.pod_here.empty() ? "" : " of " + record.pod_here,
                      record.direction == Direction::kUnknown
                          ? std::string()
                          : fmt::format(", {}", name_of(record.direction)));
  text +=
      fmt::format("\n    counted     {}/{} packets, {}/{}", record.packets[0], record.packets[1],
                  human_bytes(record.bytes[0]), human_bytes(record.bytes[1]));
  if (record.kind == Kind::kNew)
    for (const auto& [word, names] : {std::pair("egress ", &record.policies.egress),
                                      std::pair("ingress", &record.policies.ingress)})
      if (!names->empty())
        text += fmt::format("\n    {}     allowed by {}", word, fmt::join(*names, ", "));
  for (const std::string& frame : record.stack) text += "\n        " + frame;
  return text;
}

}  // namespace skiff::trace
