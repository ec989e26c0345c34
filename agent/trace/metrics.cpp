// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/metrics.h"

#include "agent/trace/record_builder.h"

namespace skiff::trace {

namespace {

constexpr size_t kMostPorts = 512;  // series; what is over counts as port 0
constexpr uint8_t kFlagBits[] = {1, 2, 4};

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

// As Hubble names events: type and subtype of its own.
std::pair<const char*, const char*> type_of(uint8_t kind) {
  switch (kind) {
    case SKIFF_TRACE_REFUSED:
    case SKIFF_TRACE_DROPPED:
    case SKIFF_TRACE_KERNEL_DROP:
      return {"Drop", ""};
    case SKIFF_TRACE_TRANSLATED:
      return {"TraceSock", "post-xlate-fwd"};
    default:
      return {"Trace", "to-endpoint"};
  }
}

std::string hubble_protocol(uint8_t protocol) {
  return protocol == 1 ? "ICMPv4" : protocol_name(protocol);
}

}  // namespace

Metrics::Metrics(metrics::Registry& registry, Hub& hub, Names& names)
    : registry_(registry), hub_(hub), names_(names) {
  hub_.observe([this](const RawEvent& event) { count(event); });
}

void Metrics::count(const RawEvent& event) {
  const skiff_trace_header& header = header_of(event);
  const auto* flow = std::get_if<FlowEvent>(&event);
  const auto* drop = std::get_if<DropEvent>(&event);
  const uint8_t protocol = flow != nullptr ? flow->original.protocol : drop->tuple.protocol;
  metrics::Counter*& counter = flows_[{header.kind, protocol}];
  if (counter == nullptr) {
    const auto [type, subtype] = type_of(header.kind);
    counter = &metrics::counter(registry_, "hubble_flows_processed_total",
                                "Events of flows seen, by what they say.",
                                {{"protocol", hubble_protocol(protocol)},
                                 {"type", type},
                                 {"subtype", subtype},
                                 {"verdict", verdict_of(header.kind)}});
  }
  counter->Increment();
  if (flow != nullptr)
    count_flow(*flow);
  else
    count_drop(names_.kernel_reason(drop->reason), protocol, 1 + header.suppressed);
}

void Metrics::count_flow(const FlowEvent& event) {
  const skiff_tuple& tuple = event.original;
  const uint8_t kind = event.header.kind;
  if (kind == SKIFF_TRACE_REFUSED || kind == SKIFF_TRACE_DROPPED) {
    static constexpr const char* kLabels[] = {
#define SKIFF_REASON_NAME(id, label, text) label,
        SKIFF_REASONS(SKIFF_REASON_NAME)
#undef SKIFF_REASON_NAME
    };
    count_drop(event.reason < SKIFF_REASON_COUNT ? kLabels[event.reason] : "unknown",
               tuple.protocol, 1 + event.header.suppressed);
  }
  if (tuple.protocol == 6)
    count_tcp_flags(event.header.tcp_flags, datapath::from_abi(tuple.destination).is_v4());
  if (kind == SKIFF_TRACE_NEW)
    count_port(tuple.protocol, datapath::port_of(tuple.destination_port));
}

void Metrics::count_drop(const std::string& reason, uint8_t protocol, uint64_t packets) {
  metrics::counter(registry_, "hubble_drop_total", "Packets dropped or refused.",
                   {{"reason", reason}, {"protocol", hubble_protocol(protocol)}})
      .Increment(static_cast<double>(packets));
}

void Metrics::count_tcp_flags(uint8_t flags, bool v4) {
  static constexpr const char* kNames[] = {"FIN", "SYN", "RST"};
  for (size_t i = 0; i < std::size(kFlagBits); ++i) {
    if ((flags & kFlagBits[i]) == 0) continue;
    metrics::Counter*& counter = flags_[{kFlagBits[i], v4}];
    if (counter == nullptr)
      counter = &metrics::counter(registry_, "hubble_tcp_flags_total",
                                  "TCP flags of packets that made an event.",
                                  {{"flag", kNames[i]}, {"family", v4 ? "IPv4" : "IPv6"}});
    counter->Increment();
  }
}

void Metrics::count_port(uint8_t protocol, uint16_t port) {
  if (ports_.size() >= kMostPorts && !ports_.contains({protocol, port})) port = 0;
  metrics::Counter*& counter = ports_[{protocol, port}];
  if (counter == nullptr)
    counter = &metrics::counter(
        registry_, "hubble_port_distribution_total", "New flows by where to.",
        {{"protocol", hubble_protocol(protocol)}, {"port", std::to_string(port)}});
  counter->Increment();
}

void Metrics::refresh() {
  const HubStatistics now = hub_.statistics();
  const auto lost = [this](const char* source, uint64_t count) {
    metrics::follow(
        metrics::counter(registry_, "hubble_lost_events_total",
                         "Events nobody saw, by where they were lost.", {{"source", source}}),
        static_cast<double>(count));
  };
  lost("perf_event_ring_buffer", now.lost_ring);
  lost("observer_events_queue", now.lost_limit);
  lost("hubble_ring_buffer", now.lost_readers);
}

}  // namespace skiff::trace
