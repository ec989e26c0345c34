// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/record_builder.h"

#include <time.h>

#include <algorithm>
#include <tuple>

namespace skiff::trace {

namespace {

std::string_view hook_label(uint8_t hook) {
  switch (hook) {
    case SKIFF_HOOK_FROM_POD:
      return "from_pod";
    case SKIFF_HOOK_TO_POD:
      return "to_pod";
    case SKIFF_HOOK_FROM_DEVICE:
      return "from_device";
    case SKIFF_HOOK_TO_DEVICE:
      return "to_device";
    case SKIFF_HOOK_SOCKET:
      return "socket";
    default:
      return "";
  }
}

constexpr uint16_t kDnsPort = 53;

skiff_tuple flow_tuple(const DnsEvent& event) {
  skiff_tuple tuple{};
  tuple.source = datapath::to_abi(event.client);
  tuple.destination = datapath::to_abi(event.server);
  tuple.source_port = datapath::port_be(event.client_port);
  tuple.destination_port = datapath::port_be(kDnsPort);
  tuple.protocol = event.protocol;
  return tuple;
}

std::pair<Kind, Verdict> kind_of(uint8_t kind) {
  switch (kind) {
    case SKIFF_TRACE_CLOSED:
      return {Kind::kClosed, Verdict::kForwarded};
    case SKIFF_TRACE_TRANSLATED:
      return {Kind::kTranslated, Verdict::kTranslated};
    case SKIFF_TRACE_REFUSED:
      return {Kind::kRefused, Verdict::kRefused};
    case SKIFF_TRACE_DROPPED:
      return {Kind::kDropped, Verdict::kDropped};
    default:
      return {Kind::kNew, Verdict::kForwarded};
  }
}

Direction direction_at(uint8_t hook, bool reply) {
  const bool out = hook == SKIFF_HOOK_FROM_POD || hook == SKIFF_HOOK_SOCKET;
  if (!out && hook != SKIFF_HOOK_TO_POD && hook != SKIFF_HOOK_FROM_DEVICE)
    return hook == SKIFF_HOOK_TO_DEVICE ? Direction::kEgress : Direction::kUnknown;
  return out != reply ? Direction::kEgress : Direction::kIngress;
}

}  // namespace

uint64_t flow_id(const skiff_tuple& original) {
  using End = std::pair<std::string_view, uint16_t>;
  const auto end = [](const skiff_address& address, __be16 port) -> End {
    return {{reinterpret_cast<const char*>(&address), sizeof(address)}, port};
  };
  End a = end(original.source, original.source_port);
  End b = end(original.destination, original.destination_port);
  if (b < a) std::swap(a, b);
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same on every node
  const auto mix = [&hash](const char* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i)
      hash = (hash ^ static_cast<uint8_t>(bytes[i])) * 0x100000001b3;
  };
  for (const End& one : {a, b}) {
    mix(one.first.data(), one.first.size());
    mix(reinterpret_cast<const char*>(&one.second), sizeof(one.second));
  }
  mix(reinterpret_cast<const char*>(&original.protocol), 1);
  return hash;
}

Exit exit_of(const FlowEvent& event, Names& names, const std::string& node) {
  const uint8_t kind = event.header.kind;
  if (kind != SKIFF_TRACE_NEW && kind != SKIFF_TRACE_CLOSED) return Exit::kUnknown;
  switch (event.header.hook) {
    case SKIFF_HOOK_TO_POD:
    case SKIFF_HOOK_FROM_DEVICE:  // told of where it goes on to a pod
      return Exit::kPod;
    case SKIFF_HOOK_TO_DEVICE:
      return Exit::kNetwork;
    case SKIFF_HOOK_FROM_POD:
      break;
    default:
      return Exit::kUnknown;
  }
  const bool reply = (event.flags & SKIFF_TRACE_REPLY) != 0;
  const IpAddress to =
      datapath::from_abi(reply ? event.translated.source : event.translated.destination);
  const auto who = names.identity(to);
  if (who != nullptr && who->node == node)
    return who->kind == Identity::Kind::kPod ? Exit::kPod : Exit::kHost;
  if (names.across_overlay(to)) return Exit::kOverlay;
  return (event.flags & SKIFF_TRACE_STACK) != 0 ? Exit::kStack : Exit::kNetwork;
}

TimePoint monotonic_zero(const Clock& clock) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return clock.now() - std::chrono::seconds(now.tv_sec) - std::chrono::nanoseconds(now.tv_nsec);
}

TimePoint RecordBuilder::time_of(const RawEvent& event) const {
  return zero_ + std::chrono::nanoseconds(header_of(event).time_ns);
}

Peer RecordBuilder::peer(const skiff_address& address, __be16 port) const {
  Peer peer{.address = datapath::from_abi(address), .port = datapath::port_of(port), .who = {}};
  if (!peer.address.is_unspecified()) peer.who = names_.identity(peer.address);
  return peer;
}

FlowRecord RecordBuilder::begin(const skiff_trace_header& header) const {
  FlowRecord record;
  record.time = zero_ + std::chrono::nanoseconds(header.time_ns);
  record.node = node_;
  record.hook = header.hook;
  record.place = hook_label(header.hook);
  record.tcp_flags = header.tcp_flags;
  record.ifindex = header.ifindex;
  record.length = header.length;
  record.suppressed = header.suppressed;
  return record;
}

FlowRecord RecordBuilder::build(const FlowEvent& event) const {
  FlowRecord record = begin(event.header);
  std::tie(record.kind, record.verdict) = kind_of(event.header.kind);
  record.id = flow_id(event.original);
  record.reason_code = event.reason;
  record.reason = reason_label(event.reason);
  record.lb_code = event.lb_reason;
  record.lb_reason = lb_label(event.lb_reason);
  record.protocol = event.original.protocol;
  record.is_reply = (event.flags & SKIFF_TRACE_REPLY) != 0;
  record.masqueraded = (event.flags & SKIFF_TRACE_MASQUERADE) != 0;
  record.direction = direction_at(event.header.hook, record.is_reply);
  record.exit = exit_of(event, names_, node_);
  record.socket_cookie = event.socket_cookie;
  record.client = peer(event.original.source, event.original.source_port);
  record.asked = peer(event.original.destination, event.original.destination_port);
  record.sender = peer(event.translated.source, event.translated.source_port);
  record.backend = peer(event.translated.destination, event.translated.destination_port);
  record.packets = {event.packets[0], event.packets[1]};
  record.bytes = {event.bytes[0], event.bytes[1]};
  if (event.created_ns != 0 && event.header.time_ns > event.created_ns)
    record.age = std::chrono::nanoseconds(event.header.time_ns - event.created_ns);
  const Place place = names_.place(event.header.netns_cookie, event.header.ifindex);
  record.interface = place.interface;
  if (place.who != nullptr && place.who->kind == Identity::Kind::kPod)
    record.pod_here = place.who->namespace_ + "/" + place.who->name;
  if (event.header.hook == SKIFF_HOOK_SOCKET) {
    // A socket that is not bound has no address: its namespace says whose it is.
    record.client = {.address = place.address, .port = 0, .who = place.who};
    record.sender = record.client;
  }
  if (event.header.kind == SKIFF_TRACE_NEW || event.reason == SKIFF_REASON_POLICY_INGRESS ||
      event.reason == SKIFF_REASON_POLICY_EGRESS)
    record.policies = names_.policies(record.client, record.backend, record.protocol);
  if (event.service_id != 0 || event.lb_reason != SKIFF_LB_NONE)
    record.service =
        names_.service(record.asked.address, record.asked.port, event.original.protocol);
  return record;
}

FlowRecord RecordBuilder::build(const DropEvent& event) const {
  FlowRecord record = begin(event.header);
  record.kind = Kind::kKernelDropped;
  record.verdict = Verdict::kDropped;
  record.id = flow_id(event.tuple);
  record.reason = names_.kernel_reason(event.reason);
  record.place = names_.symbol(event.location);
  record.protocol = event.tuple.protocol;
  record.client = peer(event.tuple.source, event.tuple.source_port);
  record.asked = peer(event.tuple.destination, event.tuple.destination_port);
  record.sender = record.client;
  record.backend = record.asked;
  record.service = names_.service(record.asked.address, record.asked.port, event.tuple.protocol);
  record.packets = {1, 0};
  record.bytes = {event.header.length, 0};
  const Place place = names_.place(event.header.netns_cookie, event.header.ifindex);
  record.interface = place.interface;
  if (place.who != nullptr && place.who->kind == Identity::Kind::kPod) {
    record.pod_here = place.who->namespace_ + "/" + place.who->name;
    if (place.inside)
      record.direction =
          record.client.address == place.address ? Direction::kEgress : Direction::kIngress;
  }
  const uint32_t count = std::min<uint32_t>(event.stack_count, SKIFF_DROP_STACK);
  for (uint32_t i = 0; i < count; ++i) record.stack.push_back(names_.symbol(event.stack[i]));
  return record;
}

FlowRecord RecordBuilder::build(const DnsEvent& event) const {
  FlowRecord record = begin(event.header);
  record.kind = Kind::kDns;
  record.place = "dns";
  record.protocol = event.protocol;
  record.direction = Direction::kEgress;
  record.client = peer(datapath::to_abi(event.client), datapath::port_be(event.client_port));
  record.asked = peer(datapath::to_abi(event.server), datapath::port_be(kDnsPort));
  record.sender = record.client;
  record.backend = record.asked;
  record.service = names_.service(event.server, kDnsPort, event.protocol);
  if (record.client.who != nullptr && record.client.who->kind == Identity::Kind::kPod)
    record.pod_here = record.client.who->namespace_ + "/" + record.client.who->name;
  if (event.rcode != "NOERROR") record.reason = event.rcode;
  record.dns = std::make_shared<const DnsExchange>(
      DnsExchange{.name = event.name,
                  .type = event.type,
                  .rcode = event.rcode,
                  .addresses = event.addresses,
                  .forwarded = event.forwarded,
                  .took = std::chrono::nanoseconds(event.took_ns)});
  record.id = flow_id(flow_tuple(event));
  return record;
}

FlowRecord RecordBuilder::build(const RawEvent& event) const {
  return std::visit([this](const auto& one) { return build(one); }, event);
}

}  // namespace skiff::trace
