// SPDX-License-Identifier: Apache-2.0
// The Node object of this machine. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/node/facts.h"
#include "agent/runtime/types.h"
#include "api/core/node.h"
#include "base/clock.h"
#include "base/ip.h"

namespace skiff::node {

struct NodeOptions {
  std::string name;
  std::vector<IpAddress> addresses;  // first: the one others use
  int64_t most_pods = 110;
  uint16_t kubelet_port = 10250;
  std::map<std::string, std::string> labels;
  std::chrono::seconds lease_duration{40};  // renewed four times in it, as a kubelet does
};

// What was seen this time round.
struct Observed {
  Facts facts;
  Usage usage;
  std::string runtime_version;              // containerd://1.6.20; empty: no answer
  std::vector<runtime::Condition> runtime;  // RuntimeReady, NetworkReady
  std::vector<runtime::Image> images;
  std::string not_ready_because;  // of our own parts; empty: ready
};

// A Node as it registers: labels, addresses, capacity. No status conditions yet.
api::Node new_node(const NodeOptions& options, const Facts& facts);

// `present` with a true status: conditions keep their transition times, heartbeats move.
api::NodeStatus node_status(const NodeOptions& options, const api::NodeStatus& present,
                            const Observed& observed, TimePoint now);

// Do two statuses differ in more than heartbeats?
bool differs(const api::NodeStatus& a, const api::NodeStatus& b);

}  // namespace skiff::node
