// SPDX-License-Identifier: Apache-2.0
// What GET /taps of the node's API is asked. Pure.
#pragma once

#include <chrono>

#include "agent/trace/expression.h"
#include "agent/trace/pcap_filter.h"
#include "base/http/message.h"

namespace skiff::trace {

// As a query: ?filter=…&pcap=…&dropped=true&path=true&snap=128&count=10&seconds=60
struct TapRequest {
  Expression expression;  // without names
  PcapFilter pcap;        // beside it
  bool dropped = false;   // only what is dropped or refused
  bool path = false;      // also at points of the kernel's own (bpf/path.bpf.c)
  uint16_t snap = 0;      // bytes of each packet
  uint64_t count = 0;     // 0: no limit but the tap's own
  std::chrono::seconds duration{600};
};

// INVALID_ARGUMENT names the parameter and what would be right.
Result<TapRequest> parse_tap_query(const http::Query& query);
http::Query tap_query(const TapRequest& request);

// What the kernel is told: lets through at least what is asked for.
std::vector<TapSpec> taps_of(const TapRequest& request);
// Whether a packet that came through is wanted; not for points, which follow it where its addresses
// have changed.
bool wants(const TapRequest& request, const skiff_tap_event& event);

}  // namespace skiff::trace
