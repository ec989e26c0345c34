// SPDX-License-Identifier: Apache-2.0
// What places a pod: affinity, taints and tolerations, spreading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One expression over a node's label or field.
struct NodeSelectorRequirement {
  std::string key;
  std::string operator_;
  std::vector<std::string> values;
};
KUBE_TYPE(NodeSelectorRequirement)

// All expressions must hold; an empty term matches nothing.
struct NodeSelectorTerm {
  std::vector<NodeSelectorRequirement> matchExpressions;
  std::vector<NodeSelectorRequirement> matchFields;
};
KUBE_TYPE(NodeSelectorTerm)

// Any of the terms must hold.
struct NodeSelector {
  std::vector<NodeSelectorTerm> nodeSelectorTerms;
};
KUBE_TYPE(NodeSelector)

// A term with its weight.
struct PreferredSchedulingTerm {
  int32_t weight = 0;
  NodeSelectorTerm preference;
};
KUBE_TYPE(PreferredSchedulingTerm)

// Which nodes a pod must and would rather run on.
struct NodeAffinity {
  Box<NodeSelector> requiredDuringSchedulingIgnoredDuringExecution;
  std::vector<PreferredSchedulingTerm> preferredDuringSchedulingIgnoredDuringExecution;
};
KUBE_TYPE(NodeAffinity)

// Pods, and the topology within which to be near them or far from them.
struct PodAffinityTerm {
  Box<LabelSelector> labelSelector;
  std::vector<std::string> namespaces;
  std::string topologyKey;
  Box<LabelSelector> namespaceSelector;
  std::vector<std::string> matchLabelKeys;
  std::vector<std::string> mismatchLabelKeys;
};
KUBE_TYPE(PodAffinityTerm)

// A pod affinity term with its weight.
struct WeightedPodAffinityTerm {
  int32_t weight = 0;
  PodAffinityTerm podAffinityTerm;
};
KUBE_TYPE(WeightedPodAffinityTerm)

// Pods to be near to.
struct PodAffinity {
  std::vector<PodAffinityTerm> requiredDuringSchedulingIgnoredDuringExecution;
  std::vector<WeightedPodAffinityTerm> preferredDuringSchedulingIgnoredDuringExecution;
};
KUBE_TYPE(PodAffinity)

// Pods to be away from.
struct PodAntiAffinity {
  std::vector<PodAffinityTerm> requiredDuringSchedulingIgnoredDuringExecution;
  std::vector<WeightedPodAffinityTerm> preferredDuringSchedulingIgnoredDuringExecution;
};
KUBE_TYPE(PodAntiAffinity)

// The placement rules of a pod.
struct Affinity {
  Box<NodeAffinity> nodeAffinity;
  Box<PodAffinity> podAffinity;
  Box<PodAntiAffinity> podAntiAffinity;
};
KUBE_TYPE(Affinity)

// Keeps pods that do not tolerate it off a node.
struct Taint {
  std::string key;
  std::string value;
  std::string effect;
  Time timeAdded;
};
KUBE_TYPE(Taint)

// Lets a pod onto nodes with a matching taint.
struct Toleration {
  std::string key;
  std::string operator_;
  std::string value;
  std::string effect;
  std::optional<int64_t> tolerationSeconds;
};
KUBE_TYPE(Toleration)

// How evenly to spread pods over zones, nodes, ...
struct TopologySpreadConstraint {
  int32_t maxSkew = 0;
  std::string topologyKey;
  std::string whenUnsatisfiable;
  Box<LabelSelector> labelSelector;
  std::optional<int32_t> minDomains;
  std::optional<std::string> nodeAffinityPolicy;
  std::optional<std::string> nodeTaintsPolicy;
  std::vector<std::string> matchLabelKeys;
};
KUBE_TYPE(TopologySpreadConstraint)

}  // namespace skiff::api
