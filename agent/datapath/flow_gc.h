// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/result.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

// How long a flow may be silent. The kernel's own conntrack has the same TCP and UDP figures or
// longer ones; RFC 5382 asks for two hours at least, RFC 4787 for two minutes. Half-closed:
// kube-proxy's --conntrack-tcp-timeout-close-wait, for servers that go on after their client's FIN
// (kubernetes#32551).
struct FlowTimeouts {
  std::chrono::seconds tcp{2 * 60 * 60 + 4 * 60};
  std::chrono::seconds tcp_half_closed{60 * 60};
  std::chrono::seconds tcp_closed{10};
  std::chrono::seconds udp{120};
  std::chrono::seconds sctp{5 * 60};  // an idle association sends a heartbeat every 30 s (RFC 9260)
  std::chrono::seconds other{30};
};

struct FlowSweep {
  uint64_t alive = 0;
  uint64_t removed = 0;
  uint64_t policy_alive = 0;  // flows of isolated pods
  uint64_t policy_removed = 0;
};

// The program that removes silent flows (bpf/sweep.bpf.c), held by a descriptor of its own: maps
// may be replaced meanwhile, then it sweeps the old ones.
class FlowSweeper {
 public:
  explicit FlowSweeper(UniqueFd program) : program_(std::move(program)) {}

  // One pass over the established flows (new ones are an LRU's business). `now`: CLOCK_MONOTONIC.
  // Blocks, some ten milliseconds for 100,000 flows; any thread.
  Result<FlowSweep> run(std::chrono::nanoseconds now, const FlowTimeouts& timeouts = {}) const;

 private:
  UniqueFd program_;
};

// CLOCK_MONOTONIC, the clock of the programs.
std::chrono::nanoseconds monotonic_now();

}  // namespace skiff::datapath
