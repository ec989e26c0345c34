// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/metrics.h"

#include <netinet/in.h>

#include <algorithm>
#include <map>

#include "agent/trace/record_builder.h"

namespace skiff::trace {

namespace {

using namespace std::chrono_literals;

constexpr size_t kMostPorts = 512;
constexpr auto kIdle = 10min;      // of series with labels that follow pods
constexpr auto kGoneAfter = 1min;  // of the pod

const char* verdict_of(uint8_t kind) {
  switch (kind) {
    case SKIFF_TRACE_REFUSED:
    case SKIFF_TRACE_DROPPED:
    case SKIFF_TRACE_KERNEL_DROP:
      return "DROPPED";
    case SKIFF_TRACE_TRANSLATED:
      return "TRANSLATED";
    default:
      return "FORWARDED";
  }
}

std::string hubble_protocol(uint8_t protocol) {
  return protocol == IPPROTO_ICMP ? "ICMPv4" : protocol_name(protocol);
}

// As Hubble's metrics call them.
std::string rcode_text(const std::string& rcode) {
  static const std::map<std::string_view, const char*> kNames = {
      {"NOERROR", "No Error"},        {"FORMERR", "Format Error"},
      {"SERVFAIL", "Server Failure"}, {"NXDOMAIN", "Non-Existent Domain"},
      {"NOTIMP", "Not Implemented"},  {"REFUSED", "Query Refused"}};
  const auto found = kNames.find(rcode);
  return found == kNames.end() ? rcode : found->second;
}

bool is_icmp(uint8_t protocol) {
  return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

}  // namespace

struct Metrics::Seen {
  IpAddress source, destination;
  std::shared_ptr<const Identity> from, to;
  uint8_t protocol = 0;
  std::vector<std::string> context;  // values of the labels asked for
};

Metrics::Metrics(metrics::Registry& registry, Hub& hub, Names& names, const Clock& clock,
                 std::vector<MetricLabel> labels)
    : registry_(registry), hub_(hub), names_(names), clock_(clock), labels_(std::move(labels)) {
  flows_ = series("hubble_flows_processed_total", "Events of flows seen, by what they say.",
                  {"protocol", "type", "subtype", "verdict"});
  drops_ = series("hubble_drop_total", "Packets dropped or refused.", {"reason", "protocol"});
  tcp_flags_ = series("hubble_tcp_flags_total", "TCP flags of packets that made an event.",
                      {"flag", "family"});
  ports_ = series("hubble_port_distribution_total", "New flows by where to.", {"protocol", "port"},
                  true, kMostPorts);
  icmp_ = series("hubble_icmp_total", "ICMP messages that made an event.", {"family", "type"});
  world_ = series("hubble_flows_to_world_total", "Flows to addresses outside the cluster.",
                  {"protocol", "verdict"});
  dns_queries_ = series("hubble_dns_queries_total", "Questions to the node's DNS.",
                        {"rcode", "qtypes", "ips_returned"});
  dns_responses_ = series("hubble_dns_responses_total", "Answers of the node's DNS.",
                          {"rcode", "qtypes", "ips_returned"});
  dns_types_ = series("hubble_dns_response_types_total", "Records in answers, by their type.",
                      {"type", "qtypes"});
  translations_ = series("skiff_service_translations_total",
                         "Flows and sockets that got a backend of a Service, and why this one.",
                         {"namespace", "service", "reason"}, false);
  refusals_ = series("skiff_service_refusals_total",
                     "Flows and sockets that a Service has no backend for, and why.",
                     {"namespace", "service", "reason"}, false);
  hub_.observe([this](const RawEvent& event) { count(event); });
}

std::unique_ptr<MetricSeries> Metrics::series(const char* name, const char* help,
                                              std::vector<std::string> labels, bool with_context,
                                              size_t most) {
  if (with_context)
    for (const MetricLabel& label : labels_) labels.push_back(label.name);
  return std::make_unique<MetricSeries>(
      registry_,
      MetricSeries::Options{.name = name, .help = help, .labels = std::move(labels), .most = most});
}

void Metrics::add(std::unique_ptr<MetricSeries>& series, std::vector<std::string> values,
                  double count, const Seen& seen) {
  values.insert(values.end(), seen.context.begin(), seen.context.end());
  series->add(values, count, clock_.now());
}

Metrics::Seen Metrics::look_at(const RawEvent& event) {
  Seen seen;
  if (const auto* flow = std::get_if<FlowEvent>(&event)) {
    seen.source = datapath::from_abi(flow->original.source);
    seen.destination = datapath::from_abi(flow->translated.destination);
    if (seen.destination.is_unspecified())
      seen.destination = datapath::from_abi(flow->original.destination);
    seen.protocol = flow->original.protocol;
    if (flow->header.hook == SKIFF_HOOK_SOCKET) {
      const Place place = names_.place(flow->header.netns_cookie, flow->header.ifindex);
      seen.source = place.address;
      seen.from = place.who;
    }
  } else if (const auto* drop = std::get_if<DropEvent>(&event)) {
    seen.source = datapath::from_abi(drop->tuple.source);
    seen.destination = datapath::from_abi(drop->tuple.destination);
    seen.protocol = drop->tuple.protocol;
  } else if (const auto* dns = std::get_if<DnsEvent>(&event)) {
    seen.source = dns->client;
    seen.destination = dns->server;
    seen.protocol = dns->protocol;
  }
  if (!seen.from) seen.from = names_.identity(seen.source);
  seen.to = names_.identity(seen.destination);
  for (const MetricLabel& label : labels_)
    seen.context.push_back(label.source ? value_of(label, seen.source, seen.from.get())
                                        : value_of(label, seen.destination, seen.to.get()));
  return seen;
}

void Metrics::count(const RawEvent& event) {
  const Seen seen = look_at(event);
  const skiff_trace_header& header = header_of(event);
  if (const auto* dns = std::get_if<DnsEvent>(&event)) {
    add(flows_, {"DNS", "L7", "DNS", "FORWARDED"}, 1, seen);
    count_dns(*dns, seen);
    return;
  }
  const char* verdict = verdict_of(header.kind);
  if (const auto* drop = std::get_if<DropEvent>(&event)) {
    add(flows_, {hubble_protocol(seen.protocol), "Drop", "", verdict}, 1, seen);
    count_drop(names_.kernel_reason(drop->reason), 1 + header.suppressed, seen);
    return;
  }
  const auto& flow = std::get<FlowEvent>(event);
  const bool lost = header.kind == SKIFF_TRACE_REFUSED || header.kind == SKIFF_TRACE_DROPPED;
  const bool socket = header.kind == SKIFF_TRACE_TRANSLATED;
  const std::string subtype = socket ? "post-xlate-fwd"
                              : lost ? ""
                                     : std::string(name_of(hub_.exit_of(flow)));
  add(flows_,
      {hubble_protocol(seen.protocol),
       lost     ? "Drop"
       : socket ? "TraceSock"
                : "Trace",
       subtype, verdict},
      1, seen);
  if (lost) count_drop(reason_label(flow.reason), 1 + header.suppressed, seen);
  count_flow(flow, seen);
  if (flow.lb_reason != SKIFF_LB_NONE) count_service(flow);
}

void Metrics::count_flow(const FlowEvent& event, const Seen& seen) {
  const uint8_t kind = event.header.kind;
  const bool v4 = datapath::from_abi(event.original.destination).is_v4();
  if (seen.protocol == IPPROTO_TCP) count_tcp_flags(event.header.tcp_flags, v4, seen);
  if (is_icmp(seen.protocol)) {
    // The identifier is the port of the side that asked (bpf/abi/types.h).
    const bool asks = event.original.source_port != 0 && (event.flags & SKIFF_TRACE_REPLY) == 0;
    add(icmp_, {v4 ? "IPv4" : "IPv6", asks ? "EchoRequest" : "EchoReply"}, 1, seen);
  }
  const bool begins = kind == SKIFF_TRACE_NEW;
  if (begins)
    add(ports_,
        {hubble_protocol(seen.protocol),
         std::to_string(datapath::port_of(event.original.destination_port))},
        1, seen);
  const bool denied = event.reason == SKIFF_REASON_POLICY_EGRESS;
  if ((begins && (event.flags & SKIFF_TRACE_REPLY) == 0) || denied)
    count_world(seen, verdict_of(kind));
}

void Metrics::count_world(const Seen& seen, const char* verdict) {
  const bool from_pod = seen.from != nullptr && seen.from->kind == Identity::Kind::kPod;
  const bool to_world = seen.to == nullptr || seen.to->kind == Identity::Kind::kWorld;
  if (from_pod && to_world) add(world_, {hubble_protocol(seen.protocol), verdict}, 1, seen);
}

void Metrics::count_dns(const DnsEvent& event, const Seen& seen) {
  const std::string addresses = std::to_string(event.addresses.size());
  add(dns_queries_, {"", event.type, "0"}, 1, seen);
  add(dns_responses_, {rcode_text(event.rcode), event.type, addresses}, 1, seen);
  for (const std::string& type : event.answer_types) add(dns_types_, {type, event.type}, 1, seen);
}

void Metrics::count_drop(const std::string& reason, uint64_t packets, const Seen& seen) {
  add(drops_, {reason, hubble_protocol(seen.protocol)}, static_cast<double>(packets), seen);
}

void Metrics::count_tcp_flags(uint8_t flags, bool v4, const Seen& seen) {
  constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
  const auto count_one = [&](const char* name) {
    add(tcp_flags_, {name, v4 ? "IPv4" : "IPv6"}, 1, seen);
  };
  if (flags & kFin) count_one("FIN");
  if (flags & kSyn) count_one(flags & kAck ? "SYN-ACK" : "SYN");
  if (flags & kRst) count_one("RST");
}

void Metrics::count_service(const FlowEvent& event) {
  const auto service =
      names_.service(datapath::from_abi(event.original.destination),
                     datapath::port_of(event.original.destination_port), event.original.protocol);
  if (service == nullptr) return;
  const bool refused =
      event.header.kind == SKIFF_TRACE_REFUSED || event.header.kind == SKIFF_TRACE_DROPPED;
  (refused ? refusals_ : translations_)
      ->add({service->namespace_, service->name, std::string(lb_label(event.lb_reason))}, 1,
            clock_.now());
}

void Metrics::pod_gone(const std::string& name) {
  if (labels_.empty()) return;
  gone_.push_back({.time = clock_.now(), .name = name});
}

void Metrics::refresh() {
  const TimePoint now = clock_.now();
  const auto with_context = {flows_.get(),       drops_.get(),         tcp_flags_.get(),
                             ports_.get(),       icmp_.get(),          world_.get(),
                             dns_queries_.get(), dns_responses_.get(), dns_types_.get()};
  if (!labels_.empty()) {
    for (MetricSeries* one : with_context) one->expire(now - kIdle);
    std::erase_if(gone_, [&](const Gone& pod) {
      if (now - pod.time < kGoneAfter) return false;
      for (MetricSeries* one : with_context)
        for (const char* label : {"source_pod", "destination_pod"})
          one->expire(now - kGoneAfter, label, pod.name);
      return true;
    });
  }
  const HubStatistics statistics = hub_.statistics();
  const auto lost = [this](const char* source, uint64_t count) {
    metrics::follow(
        metrics::counter(registry_, "hubble_lost_events_total",
                         "Events nobody saw, by where they were lost.", {{"source", source}}),
        static_cast<double>(count));
  };
  lost("perf_event_ring_buffer", statistics.lost_ring);
  lost("observer_events_queue", statistics.lost_limit);
  lost("hubble_ring_buffer", statistics.lost_readers);
  const auto tapped = [this](const char* place, uint64_t count) {
    metrics::follow(
        metrics::counter(registry_, "skiff_tap_packets_lost_total",
                         "Packets of captures and traces nobody saw, by where they were lost.",
                         {{"place", place}}),
        static_cast<double>(count));
  };
  tapped("ring", statistics.lost_taps_ring);
  tapped("limit", statistics.lost_taps_limit);
}

}  // namespace skiff::trace
