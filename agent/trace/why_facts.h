// SPDX-License-Identifier: Apache-2.0
// What a node knows about one connection that a pod would like to make: the facts behind `skiff
// why`. They travel as JSON from the agent to the command line, whose plan turns them into words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::trace {

// As a query: ?source=…&destination=…&port=…&protocol=TCP&name=…
struct WhyQuestion {
  IpAddress source;
  IpAddress destination;  // unspecified: only the name is asked for
  uint16_t port = 0;
  uint8_t protocol = 6;   // IPPROTO_*
  std::string name;       // "web.shop": what the node's DNS says; may be empty
  bool arriving = false;  // asked of the node of the destination: the packet comes in at a device
  IpAddress outside;      // where clients outside ask for the same; unspecified: nowhere
  uint16_t outside_port = 0;
};

// Plain members only: boost.json reads and writes them by their names.
struct FrontendFact {
  bool found = false;
  bool refuses_other_ports =
      false;  // the address is a cluster or Service address without this port
  uint32_t affinity_seconds = 0;
  bool drops_when_empty = false;
  std::vector<std::string> backends;  // "10.244.0.5:8080"
};

struct RouteFact {
  std::string destination;
  std::string route;  // "10.244.1.0/24 via 10.89.0.3 dev eth0"; or where the pod of this node is
  bool usable = false;
  std::string problem;
};

struct FlowFact {
  std::string original;  // "10.244.0.5:40000 -> 10.96.0.1:80"
  std::string translated;
  std::string state;  // "established", "waiting for an answer", "closed", "reset"
  uint64_t packets_forward = 0;
  uint64_t packets_reply = 0;
  double idle_seconds = 0;
};

struct DropFact {
  double seconds_ago = 0;
  std::string reason;
  std::string place;
  std::string packet;
  bool refused = false;
};

struct ProbeFact {
  bool ran = false;
  std::string problem;  // why it did not
  std::string sent;     // "10.244.0.5:54321 -> 10.96.0.1:80 TCP SYN"
  std::string verdict;  // "delivered", "passed to the stack", "refused", "dropped"
  std::string reason;   // label of bpf/abi/reason.h
  std::string reason_text;
  std::string came_out;  // the packet as it left the program
};

// What clients outside of the cluster meet who ask this node for the same Service.
struct OutsideFact {
  bool asked = false;
  bool direct = false;     // the node of the pod answers them (--load-balancer-mode=dsr)
  bool in_driver = false;  // established connections stay in the device's driver (ADR 0042)
  ProbeFact probe;
};

struct NameFact {
  bool asked = false;
  std::vector<std::string> addresses;
  std::string problem;
};

// What the policies of the pod at one end say of a flow, as they judge it: after translation.
struct PolicyFact {
  bool egress = false;   // of the source; else ingress of the destination
  std::string from;      // "10.244.0.5"
  std::string to;        // "10.244.1.7:8080"
  std::string pod;       // whose policies: "shop/web-1"
  bool pending = false;  // they are not known yet
  bool allowed = true;
  std::vector<std::string> isolating;  // "shop/deny-all"; empty: none selects the pod
  std::string policy, rule,
      rule_text;  // what allows: "shop/allow", "ingress[0]", "from … on TCP 80"
  std::vector<std::string> near_misses;
  std::string exempt;          // why it passes all the same; empty: it does not
  bool tables_differ = false;  // what is in the kernel says otherwise
  std::string tables_problem;  // why it could not be looked up; empty: it was
};

struct NodeFacts {
  std::string node;
  std::string not_ready_because;
  bool has_datapath = false;
  std::string problem;        // a table cannot be read: facts are missing; empty: none
  bool source_known = false;  // the pod is in the node's tables
  bool other_cni = false;     // no pod is: another CNI attaches them
  NameFact name;
  FrontendFact frontend;
  std::vector<RouteFact> routes;
  std::vector<FlowFact> flows;
  std::vector<DropFact> drops;
  ProbeFact probe;
  OutsideFact outside;
  bool policy_enforced = false;      // the agent has the role
  std::vector<PolicyFact> policies;  // of the pods that are here
};

std::string encode(const NodeFacts& facts);
Result<NodeFacts> decode_node_facts(std::string_view json);

}  // namespace skiff::trace
