// SPDX-License-Identifier: Apache-2.0
// networking.k8s.io/v1: who may talk to which pods.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A range of addresses, without some within it.
struct IPBlock {
  std::string cidr;
  std::vector<std::string> except;
};
KUBE_TYPE(IPBlock)

// Pods, or addresses. Of pods: both selectors must match where both are given.
struct NetworkPolicyPeer {
  Box<LabelSelector> podSelector;
  Box<LabelSelector> namespaceSelector;
  Box<IPBlock> ipBlock;
};
KUBE_TYPE(NetworkPolicyPeer)

// Ports of one protocol; without a port, all of them.
struct NetworkPolicyPort {
  std::optional<std::string> protocol;
  std::optional<IntOrString> port;
  std::optional<int32_t> endPort;
};
KUBE_TYPE(NetworkPolicyPort)

// Who may connect to the selected pods, on which of their ports. Empty lists stand for all.
struct NetworkPolicyIngressRule {
  std::vector<NetworkPolicyPort> ports;
  std::vector<NetworkPolicyPeer> from;
};
KUBE_TYPE(NetworkPolicyIngressRule)

// Whom the selected pods may connect to, on which ports. Empty lists stand for all.
struct NetworkPolicyEgressRule {
  std::vector<NetworkPolicyPort> ports;
  std::vector<NetworkPolicyPeer> to;
};
KUBE_TYPE(NetworkPolicyEgressRule)

// The pods a policy is about, and what it allows them.
struct NetworkPolicySpec {
  LabelSelector podSelector;
  std::vector<NetworkPolicyIngressRule> ingress;
  std::vector<NetworkPolicyEgressRule> egress;
  std::vector<std::string> policyTypes;
};
KUBE_TYPE(NetworkPolicySpec)

// Isolates the pods it selects, and lists what they may do all the same.
struct NetworkPolicy {
  ObjectMeta metadata;
  NetworkPolicySpec spec;
};
KUBE_TYPE(NetworkPolicy)

}  // namespace skiff::api
