// SPDX-License-Identifier: Apache-2.0
// A NetworkPolicy made ready for matching: selectors parsed, ports as numbers, each rule with a
// text that is equal exactly where the rule is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "agent/policy/pod_table.h"
#include "agent/policy/ports.h"
#include "api/networking/network_policy.h"

namespace skiff::policy {

using NamespaceLabels = std::map<std::string, api::Labels>;

enum Direction : uint8_t { kIngress = 0, kEgress = 1 };  // as in bpf/abi/policy.h
constexpr std::array kDirections = {kIngress, kEgress};

// Pods, or a range of addresses.
struct Peer {
  std::optional<api::Selector> pods;        // of the policy's namespace, or of those selected
  std::optional<api::Selector> namespaces;  // by labels
  std::optional<Cidr> block;
  std::vector<Cidr> except;

  bool selects(const Traits& pod, const std::string& own_namespace,
               const NamespaceLabels& namespaces_known) const;
  bool contains(const IpAddress& address) const;
  // Whether all of `range` is in the block, and in no exception.
  bool contains(const Cidr& range) const;
};

// Ports of one protocol: a range, or the port that the pod at the server's end calls `name`.
struct RulePort {
  PortSpan span;
  std::string name;
};

struct Rule {
  std::string text;
  std::string namespace_;  // of the policy
  size_t index = 0;        // in its spec.ingress or spec.egress
  bool any_peer = false;
  std::vector<Peer> peers;
  bool any_port = false;
  std::vector<RulePort> ports;

  bool has_named_ports() const;
  bool selects(const Traits& pod, const NamespaceLabels& namespaces) const;
  bool contains(const IpAddress& address) const;
  bool contains(const Cidr& range) const;
  // What the rule opens at a server; `server` null: no pod, so that names mean nothing.
  void add_ports(const Traits* server, Ports& ports) const;
};

// What a policy says of the pods it selects.
struct PolicyRules {
  std::string namespace_;
  std::string name;
  api::Selector pods;
  std::array<bool, 2> isolates{};  // by Direction
  std::array<std::vector<Rule>, 2> rules;
};

// What cannot be read (an API server of ours lets nothing such pass) allows nothing.
PolicyRules read_policy(const api::NetworkPolicy& policy);

}  // namespace skiff::policy
