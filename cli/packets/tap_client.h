// SPDX-License-Identifier: Apache-2.0
// Taps on the nodes of a cluster, all at once, until each has ended or somebody stops them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/trace/tap_stream.h"
#include "agent/trace/tap_wire.h"
#include "cli/agents.h"
#include "cli/packets/names.h"

namespace skiff::cli {

struct TapOptions {
  std::string kubeconfig;
  std::string namespace_ = "default";
  std::string filter;
  std::string node;      // empty: every node
  bool dropped = false;  // only what is dropped or refused
  uint16_t snap = 0;
  uint64_t count = 0;  // each node sends no more packets; 0: no limit
  int64_t seconds = 600;
};

// A filter put into words of addresses, and who is asked.
struct TapPlan {
  AgentAccess access;
  ClusterObjects objects;
  std::vector<api::Node> nodes;
  trace::TapRequest request;
};
Result<TapPlan> plan_taps(const TapOptions& options);

// "12 packets: 10 this reader was too slow for, 2 found no room in the ring"; empty: nothing.
std::string describe_losses(const trace::TapTally& tally);

using OnTapMessage = std::function<void(const std::string& node, const trace::TapMessage& message)>;
// Every 100 ms; true ends the taps.
using OnTapTick = std::function<bool()>;

// Blocks. Interrupting it (SIGINT, SIGTERM) ends the taps, and it returns as usual, after the nodes
// had time to say what was lost. Nodes that do not answer are named on stderr; an error only if
// none does.
Status run_taps(const TapPlan& plan, const OnTapMessage& on_message, const OnTapTick& on_tick);

}  // namespace skiff::cli
