// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "agent/datapath/maps.h"

namespace skiff::datapath {

// How long a flow may be silent. The kernel's own conntrack has the same TCP and UDP figures or
// longer ones; RFC 5382 asks for two hours at least, RFC 4787 for two minutes.
struct FlowTimeouts {
  std::chrono::seconds tcp{2 * 60 * 60 + 4 * 60};
  std::chrono::seconds tcp_half_closed{5 * 60};
  std::chrono::seconds tcp_closed{10};
  std::chrono::seconds udp{120};
  std::chrono::seconds sctp{5 * 60};  // an idle association sends a heartbeat every 30 s (RFC 9260)
  std::chrono::seconds other{30};
};

struct FlowSweep {
  uint64_t alive = 0;
  uint64_t removed = 0;
};

// Pure: has `flow` been silent for too long at `now` (CLOCK_MONOTONIC)?
bool expired(const Flow& flow, std::chrono::nanoseconds now, const FlowTimeouts& timeouts);

// One pass over the established flows (new ones are an LRU's business). Each is read again right
// before it goes, so a packet that came meanwhile keeps it.
Result<FlowSweep> sweep_flows(Maps& maps, std::chrono::nanoseconds now,
                              const FlowTimeouts& timeouts = {});

// CLOCK_MONOTONIC, the clock of the programs.
std::chrono::nanoseconds monotonic_now();

}  // namespace skiff::datapath
