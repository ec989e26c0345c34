// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/record.h"

#include <netinet/in.h>

#include "agent/datapath/abi.h"
#include "agent/datapath/reasons.h"

namespace skiff::trace {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNew:
      return "new";
    case Kind::kClosed:
      return "closed";
    case Kind::kTranslated:
      return "translated";
    case Kind::kRefused:
      return "refused";
    case Kind::kDropped:
      return "dropped";
    case Kind::kKernelDropped:
      return "kernel-dropped";
    case Kind::kDns:
      return "dns";
  }
  return "";
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kForwarded:
      return "FORWARDED";
    case Verdict::kTranslated:
      return "TRANSLATED";
    case Verdict::kRefused:
      return "REFUSED";
    case Verdict::kDropped:
      return "DROPPED";
  }
  return "";
}

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::kUnknown:
      return "";
    case Direction::kIngress:
      return "ingress";
    case Direction::kEgress:
      return "egress";
  }
  return "";
}

std::string_view name_of(Exit exit) {
  switch (exit) {
    case Exit::kUnknown:
      return "";
    case Exit::kPod:
      return "to-endpoint";
    case Exit::kHost:
      return "to-host";
    case Exit::kStack:
      return "to-stack";
    case Exit::kOverlay:
      return "to-overlay";
    case Exit::kNetwork:
      return "to-network";
  }
  return "";
}

std::string reason_label(uint8_t reason) {
  if (reason == SKIFF_REASON_NONE) return "";
  return reason < SKIFF_REASON_COUNT ? datapath::kReasons[reason].label
                                     : fmt::format("reason-{}", reason);
}

std::string_view lb_label(uint8_t reason) {
  static constexpr std::string_view kLabels[] = {
#define SKIFF_LB_NAME(id, label, text) label,
      SKIFF_LB_REASONS(SKIFF_LB_NAME)
#undef SKIFF_LB_NAME
  };
  return reason < SKIFF_LB_COUNT ? kLabels[reason] : "unknown";
}

std::string protocol_name(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
      return "TCP";
    case IPPROTO_UDP:
      return "UDP";
    case IPPROTO_SCTP:
      return "SCTP";
    case IPPROTO_ICMP:
      return "ICMP";
    case IPPROTO_ICMPV6:
      return "ICMPv6";
    default:
      return std::to_string(protocol);
  }
}

std::string tcp_flag_names(uint8_t flags) {
  static constexpr const char* kNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  std::string names;
  // SYN before ACK, as people say it.
  for (const int bit : {1, 0, 2, 3, 4, 5, 6, 7}) {
    if ((flags & (1 << bit)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += kNames[bit];
  }
  return names;
}

std::string describe(const Peer& peer) {
  std::string text;
  if (peer.who != nullptr && peer.who->kind == Identity::Kind::kPod) {
    text = peer.who->namespace_ + "/" + peer.who->name;
    if (peer.who->gone) text += "(gone)";
  } else if (peer.who != nullptr && peer.who->kind == Identity::Kind::kNode) {
    text = peer.who->name;
  } else if (peer.address.is_unspecified()) {
    text = "?";
  } else if (peer.port != 0 && !peer.address.is_v4()) {
    text = "[" + peer.address.to_string() + "]";
  } else {
    text = peer.address.to_string();
  }
  return peer.port == 0 ? text : fmt::format("{}:{}", text, peer.port);
}

std::string describe(const ServicePort& service) {
  std::string text = service.namespace_ + "/" + service.name;
  if (!service.port_name.empty()) text += ":" + service.port_name;
  return text;
}

}  // namespace skiff::trace
