// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/trace/event.h"
#include "agent/trace/names.h"
#include "agent/trace/record.h"

namespace skiff::trace {

// Makes records of events: looks up names, decides verdict and direction. `names` outlives it.
class RecordBuilder {
 public:
  // Where CLOCK_MONOTONIC is zero, as system time.
  RecordBuilder(std::string node, Names& names, TimePoint monotonic_zero)
      : node_(std::move(node)), names_(names), zero_(monotonic_zero) {}

  FlowRecord build(const FlowEvent& event) const;
  FlowRecord build(const DropEvent& event) const;
  FlowRecord build(const DnsEvent& event) const;
  FlowRecord build(const RawEvent& event) const;
  TimePoint time_of(const RawEvent& event) const;

 private:
  Peer peer(const skiff_address& address, __be16 port) const;
  FlowRecord begin(const skiff_trace_header& header) const;

  std::string node_;
  Names& names_;
  TimePoint zero_;
};

// The same for both directions of a flow.
uint64_t flow_id(const skiff_tuple& original);

// Where the packet of a flow that is forwarded went from its hook, on node `node`.
Exit exit_of(const FlowEvent& event, Names& names, const std::string& node);

// CLOCK_MONOTONIC's zero now; it moves when somebody sets the clock.
TimePoint monotonic_zero(const Clock& clock);

}  // namespace skiff::trace
