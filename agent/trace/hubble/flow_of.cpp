// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/flow_of.h"

#include <netinet/in.h>

#include <map>

#include "bpf/abi/reason.h"
#include "bpf/abi/trace.h"

namespace skiff::trace::hubble {
namespace {

// Of Cilium's monitor.
enum EventType { kDrop = 1, kTrace = 4, kTraceSock = 7, kL7 = 129 };
constexpr const char* kCluster = "default";
// Outside Hubble's own numbers: clients then print the number, and our summary says the rest.
constexpr uint32_t kKernelReason = 250;

const Identity* who_of(const Peer& peer) {
  return peer.who.get();
}

void fill_endpoint(const Peer& peer, const std::string& node, ::flow::Endpoint& endpoint) {
  const Identity* who = who_of(peer);
  endpoint.set_identity(identity_of(who, node));
  endpoint.set_cluster_name(kCluster);
  if (who == nullptr || who->kind == Identity::Kind::kWorld) {
    endpoint.add_labels("reserved:world");
    return;
  }
  if (who->kind == Identity::Kind::kNode) {
    endpoint.add_labels(who->name == node ? "reserved:host" : "reserved:remote-node");
    return;
  }
  endpoint.set_namespace_(who->namespace_);
  endpoint.set_pod_name(who->name);
  for (const auto& [key, value] : who->labels) endpoint.add_labels("k8s:" + key + "=" + value);
  endpoint.add_labels("k8s:io.kubernetes.pod.namespace=" + who->namespace_);
  if (who->workload.empty()) return;
  ::flow::Workload* workload = endpoint.add_workloads();
  workload->set_name(who->workload);
  workload->set_kind(who->workload_kind);
}

void fill_flags(uint8_t flags, ::flow::TCPFlags& out) {
  if (flags & 0x01) out.set_fin(true);
  if (flags & 0x02) out.set_syn(true);
  if (flags & 0x04) out.set_rst(true);
  if (flags & 0x08) out.set_psh(true);
  if (flags & 0x10) out.set_ack(true);
  if (flags & 0x20) out.set_urg(true);
  if (flags & 0x40) out.set_ece(true);
  if (flags & 0x80) out.set_cwr(true);
}

void fill_l4(const FlowRecord& record, const Peer& to, ::flow::Layer4& l4) {
  switch (record.protocol) {
    case IPPROTO_TCP:
      l4.mutable_tcp()->set_source_port(record.client.port);
      l4.mutable_tcp()->set_destination_port(to.port);
      fill_flags(record.tcp_flags, *l4.mutable_tcp()->mutable_flags());
      break;
    case IPPROTO_UDP:
      l4.mutable_udp()->set_source_port(record.client.port);
      l4.mutable_udp()->set_destination_port(to.port);
      break;
    case IPPROTO_SCTP:
      l4.mutable_sctp()->set_source_port(record.client.port);
      l4.mutable_sctp()->set_destination_port(to.port);
      break;
    case IPPROTO_ICMP:
      l4.mutable_icmpv4()->set_type(8);
      break;
    case IPPROTO_ICMPV6:
      l4.mutable_icmpv6()->set_type(128);
      break;
    default:
      break;
  }
}

// Where the packet went; where nobody knows, where it was seen.
::flow::TraceObservationPoint point_of(const FlowRecord& record) {
  switch (record.exit) {
    case Exit::kPod:
      return ::flow::TO_ENDPOINT;
    case Exit::kHost:
      return ::flow::TO_HOST;
    case Exit::kStack:
      return ::flow::TO_STACK;
    case Exit::kOverlay:
      return ::flow::TO_OVERLAY;
    case Exit::kNetwork:
      return ::flow::TO_NETWORK;
    case Exit::kUnknown:
      break;
  }
  switch (record.hook) {
    case SKIFF_HOOK_FROM_POD:
      return ::flow::FROM_ENDPOINT;
    case SKIFF_HOOK_TO_POD:
      return ::flow::TO_ENDPOINT;
    case SKIFF_HOOK_FROM_DEVICE:
      return ::flow::FROM_NETWORK;
    case SKIFF_HOOK_TO_DEVICE:
      return ::flow::TO_NETWORK;
    default:
      return ::flow::UNKNOWN_POINT;
  }
}

bool is_loss(const FlowRecord& record) {
  return record.kind == Kind::kDropped || record.kind == Kind::kRefused ||
         record.kind == Kind::kKernelDropped;
}

uint32_t rcode_of(const std::string& name) {
  static const std::map<std::string_view, uint32_t> kCodes = {{"NOERROR", 0},  {"FORMERR", 1},
                                                              {"SERVFAIL", 2}, {"NXDOMAIN", 3},
                                                              {"NOTIMP", 4},   {"REFUSED", 5}};
  const auto found = kCodes.find(name);
  return found == kCodes.end() ? 0 : found->second;
}

// One record holds question and answer: as an answer, which clients print with both.
void fill_dns(const DnsExchange& exchange, ::flow::Flow& flow) {
  flow.set_verdict(::flow::FORWARDED);
  flow.set_type(::flow::L7);
  ::flow::Layer7& l7 = *flow.mutable_l7();
  l7.set_type(::flow::RESPONSE);
  l7.set_latency_ns(static_cast<uint64_t>(exchange.took.count()));
  ::flow::DNS& dns = *l7.mutable_dns();
  dns.set_query(exchange.name);
  for (const IpAddress& address : exchange.addresses) dns.add_ips(address.to_string());
  dns.set_observation_source("server");
  dns.set_rcode(rcode_of(exchange.rcode));
  dns.add_qtypes(exchange.type);
}

template <class List>
void fill_policies(const std::vector<std::string>& names, List& list) {
  for (const std::string& name : names) {
    ::flow::Policy& policy = *list.Add();
    const size_t slash = name.find('/');
    policy.set_kind("NetworkPolicy");
    policy.set_namespace_(name.substr(0, slash));
    policy.set_name(name.substr(slash + 1));
  }
}

// Names are those that allowed the flow, or of a denied one, in the direction that denied it, those
// that isolate the pod.
void fill_policies(const FlowRecord& record, ::flow::Flow& flow) {
  const bool egress_denied = record.reason_code == SKIFF_REASON_POLICY_EGRESS;
  const bool ingress_denied = record.reason_code == SKIFF_REASON_POLICY_INGRESS;
  fill_policies(record.policies.egress, egress_denied ? *flow.mutable_egress_denied_by()
                                                      : *flow.mutable_egress_allowed_by());
  if (egress_denied) return;  // it never came so far
  fill_policies(record.policies.ingress, ingress_denied ? *flow.mutable_ingress_denied_by()
                                                        : *flow.mutable_ingress_allowed_by());
}

void fill_event(const FlowRecord& record, ::flow::Flow& flow) {
  flow.set_type(::flow::L3_L4);
  ::flow::CiliumEventType& event = *flow.mutable_event_type();
  if (is_loss(record)) {
    flow.set_verdict(::flow::DROPPED);
    const uint32_t reason =
        record.kind == Kind::kKernelDropped ? kKernelReason : drop_reason_of(record.reason);
    flow.set_drop_reason(reason);
    if (::flow::DropReason_IsValid(static_cast<int>(reason)))
      flow.set_drop_reason_desc(static_cast<::flow::DropReason>(reason));
    event.set_type(kDrop);
    event.set_sub_type(static_cast<int32_t>(reason));
    flow.mutable_file()->set_name(record.place);
  } else if (record.dns != nullptr) {
    fill_dns(*record.dns, flow);
    event.set_type(kL7);
  } else if (record.kind == Kind::kTranslated) {
    flow.set_verdict(::flow::TRANSLATED);
    flow.set_type(::flow::SOCK);
    flow.set_sock_xlate_point(::flow::SOCK_XLATE_POINT_POST_DIRECTION_FWD);
    flow.set_socket_cookie(record.socket_cookie);
    event.set_type(kTraceSock);
  } else {
    flow.set_verdict(::flow::FORWARDED);
    const auto point = point_of(record);
    flow.set_trace_reason(record.is_reply             ? ::flow::REPLY
                          : record.kind == Kind::kNew ? ::flow::NEW
                                                      : ::flow::ESTABLISHED);
    flow.set_trace_observation_point(point);
    event.set_type(kTrace);
    event.set_sub_type(point == ::flow::TO_ENDPOINT ? 0 : static_cast<int32_t>(point));
  }
}

std::string answer_of(const DnsExchange& dns) {
  if (dns.rcode != "NOERROR") return "RCode: " + dns.rcode;
  std::string text;
  for (const IpAddress& address : dns.addresses)
    text += (text.empty() ? "" : ",") + address.to_string();
  return "\"" + text + "\"";
}

// What clients print in brackets.
std::string summary_of(const FlowRecord& record) {
  std::string text;
  if (record.dns != nullptr)
    return fmt::format("DNS Answer {} TTL: 0 (Query {} {})", answer_of(*record.dns),
                       record.dns->name, record.dns->type);
  if (record.protocol == IPPROTO_TCP && record.tcp_flags != 0)
    text = "TCP Flags: " + tcp_flag_names(record.tcp_flags);
  else
    text = protocol_name(record.protocol);
  if (record.service)
    text += fmt::format("; service {} {}", describe(*record.service), describe(record.asked));
  if (record.service && !record.lb_reason.empty()) text += " (" + record.lb_reason + ")";
  if (record.kind == Kind::kKernelDropped)
    text += fmt::format("; kernel {} at {}", record.reason, record.place);
  else if (!record.reason.empty() && is_loss(record))
    text += fmt::format("; {} at {}", record.reason, record.place);
  if (record.kind == Kind::kClosed)
    text += fmt::format("; closed after {} and {} packets", record.packets[0], record.packets[1]);
  return text;
}

}  // namespace

google::protobuf::Timestamp timestamp_of(TimePoint time) {
  const auto since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(since / 1'000'000'000);
  timestamp.set_nanos(static_cast<int32_t>(since % 1'000'000'000));
  return timestamp;
}

TimePoint time_of(const google::protobuf::Timestamp& timestamp) {
  return TimePoint(std::chrono::seconds(timestamp.seconds()) +
                   std::chrono::nanoseconds(timestamp.nanos()));
}

uint32_t drop_reason_of(std::string_view label) {
  static const std::map<std::string_view, ::flow::DropReason> kReasons = {
      {"truncated", ::flow::CT_TRUNCATED_OR_INVALID_HEADER},
      {"bad_header", ::flow::INVALID_PACKET_DROPPED},
      {"bad_source", ::flow::INVALID_SOURCE_IP},
      {"no_endpoints", ::flow::SERVICE_BACKEND_NOT_FOUND},
      {"no_local_endpoints", ::flow::SERVICE_BACKEND_NOT_FOUND},
      {"unknown_service_port", ::flow::IS_A_CLUSTERIP},
      {"backend_missing", ::flow::SERVICE_BACKEND_NOT_FOUND},
      {"backend_gone", ::flow::SERVICE_BACKEND_NOT_FOUND},
      {"flow_table_full", ::flow::CT_MAP_INSERTION_FAILED},
      {"policy_flow_table_full", ::flow::CT_MAP_INSERTION_FAILED},
      {"no_snat_port", ::flow::NO_MAPPING_FOR_NAT_MASQUERADE},
      {"no_snat_address", ::flow::NO_MAPPING_FOR_NAT_MASQUERADE},
      {"unknown_fragment", ::flow::FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND},
      {"rewrite_failed", ::flow::ERROR_WRITING_TO_PACKET},
      {"no_route", ::flow::FIB_LOOKUP_FAILED},
      {"hop_limit", ::flow::TTL_EXCEEDED},
      {"source_range", ::flow::DENIED_BY_LB_SRC_RANGE_CHECK},
      {"too_big", ::flow::IP_FRAGMENTATION_NOT_SUPPORTED},
      {"no_peer", ::flow::NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT},
      {"unknown_peer", ::flow::UNKNOWN_SENDER},
      {"bad_mac", ::flow::INVALID_SOURCE_MAC},
      {"bad_neighbour", ::flow::UNKNOWN_SENDER},
      {"pod_router", ::flow::FORBIDDEN_ICMPV6_MESSAGE},
      {"egress_bandwidth", ::flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON},
      {"ingress_bandwidth", ::flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON}};
  if (const auto found = kReasons.find(label); found != kReasons.end())
    return static_cast<uint32_t>(found->second);
  return label.find("policy") == std::string_view::npos ? 0U : ::flow::POLICY_DENIED;
}

uint32_t identity_of(const Identity* who, const std::string& this_node) {
  constexpr uint32_t kHost = 1, kWorld = 2, kRemoteNode = 6, kFirstPod = 256, kLast = 65535;
  if (who == nullptr || who->kind == Identity::Kind::kWorld) return kWorld;
  if (who->kind == Identity::Kind::kNode) return who->name == this_node ? kHost : kRemoteNode;
  uint32_t hash = 2166136261U;  // FNV-1a: the same on every node
  const auto add = [&](const std::string& text) {
    for (const char c : text + '\0') hash = (hash ^ static_cast<uint8_t>(c)) * 16777619U;
  };
  add(who->namespace_);
  for (const auto& [key, value] : who->labels) {
    add(key);
    add(value);
  }
  return kFirstPod + hash % (kLast - kFirstPod);
}

::flow::Flow flow_of(const FlowRecord& record) {
  ::flow::Flow flow;
  const bool has_backend = !record.backend.address.is_unspecified() && !is_loss(record);
  const Peer& to = has_backend ? record.backend : record.asked;
  *flow.mutable_time() = timestamp_of(record.time);
  fill_event(record, flow);
  ::flow::IP& ip = *flow.mutable_ip();
  ip.set_source(record.client.address.to_string());
  ip.set_destination(to.address.to_string());
  ip.set_ipversion(to.address.is_v4() ? ::flow::IPv4 : ::flow::IPv6);
  if (record.masqueraded) ip.set_source_xlated(record.sender.address.to_string());
  fill_l4(record, to, *flow.mutable_l4());
  fill_endpoint(record.client, record.node, *flow.mutable_source());
  fill_endpoint(to, record.node, *flow.mutable_destination());
  flow.set_node_name(record.node);
  if (record.service) {
    flow.mutable_destination_service()->set_name(record.service->name);
    flow.mutable_destination_service()->set_namespace_(record.service->namespace_);
  }
  if (record.direction == Direction::kIngress) flow.set_traffic_direction(::flow::INGRESS);
  if (record.direction == Direction::kEgress) flow.set_traffic_direction(::flow::EGRESS);
  flow.set_reply(record.is_reply);
  flow.mutable_is_reply()->set_value(record.is_reply);
  if (!record.interface.empty()) {
    flow.mutable_interface()->set_index(record.ifindex);
    flow.mutable_interface()->set_name(record.interface);
  }
  flow.set_uuid(fmt::format("{:016x}", record.id));
  fill_policies(record, flow);
  flow.mutable_emitter()->set_name("skiff");
  flow.mutable_emitter()->set_version("0.1.0");
  flow.set_summary(summary_of(record));
  return flow;
}

}  // namespace skiff::trace::hubble
