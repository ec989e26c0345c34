// SPDX-License-Identifier: Apache-2.0
// The pure half of policy: which pods of this node are isolated, and with whom they may talk.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/policy/rules.h"

namespace skiff::policy {

// A pod of this node. Its addresses are known here before the API server tells of them.
struct LocalPod {
  kube::ObjectKey key;
  std::vector<IpAddress> addresses;
};

struct Inputs {
  // False until every policy, namespace and pod has been seen once: nothing is known of anybody.
  bool complete = false;
  std::vector<std::shared_ptr<const api::NetworkPolicy>> policies;
  NamespaceLabels namespaces;
  const PodTable* pods = nullptr;
  std::vector<LocalPod> locals;
};

using PoliciesByNamespace = std::map<std::string, std::vector<PolicyRules>>;

// Of the namespaces that have pods here; those of others are not read.
PoliciesByNamespace read_policies(const Inputs& inputs);

// Peers and what each may use; an index into Plan::port_sets each.
struct Table {
  uint32_t others = 0;  // whoever is not listed
  std::map<IpAddress, uint32_t> peers;
  std::map<Cidr, uint32_t> ranges;

  bool operator==(const Table&) const = default;
};

// One direction of a pod.
struct Side {
  bool isolated = false;
  bool pending = false;  // isolated because nobody knows yet
  std::string table;     // key of Plan::tables; empty: nobody may
};

struct Plan {
  std::vector<Ports> port_sets;         // [0] nothing, [1] everything, as in bpf/abi/policy.h
  std::map<std::string, Table> tables;  // by the rules they come from: pods with equal rules share
  std::map<IpAddress, std::array<Side, 2>> pods;  // by address; pods that are free are not here
};

// Pods that cannot be judged yet (Inputs::complete, or a pod whose labels are not known while its
// namespace has policies) are isolated from everybody but their node.
Plan compile(const Inputs& inputs);

}  // namespace skiff::policy
