// SPDX-License-Identifier: Apache-2.0
// Nodes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/affinity.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The ConfigMap of a node's configuration (removed from Kubernetes).
struct ConfigMapNodeConfigSource {
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string resourceVersion;
  std::string kubeletConfigKey;
};
KUBE_TYPE(ConfigMapNodeConfigSource)

// Where a node's configuration comes from (removed from Kubernetes).
struct NodeConfigSource {
  Box<ConfigMapNodeConfigSource> configMap;
};
KUBE_TYPE(NodeConfigSource)

// What a node is told.
struct NodeSpec {
  std::string podCIDR;
  std::string externalID;
  std::string providerID;
  bool unschedulable = false;
  std::vector<Taint> taints;
  Box<NodeConfigSource> configSource;
  std::vector<std::string> podCIDRs;
};
KUBE_TYPE(NodeSpec)

// One address of a node.
struct NodeAddress {
  std::string type;
  std::string address;
};
KUBE_TYPE(NodeAddress)

// One aspect of a node's state.
struct NodeCondition {
  std::string type;
  std::string status;
  Time lastHeartbeatTime;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(NodeCondition)

// The port of a daemon.
struct DaemonEndpoint {
  int32_t Port = 0;
};
KUBE_TYPE(DaemonEndpoint)

// The ports of a node's daemons.
struct NodeDaemonEndpoints {
  DaemonEndpoint kubeletEndpoint;
};
KUBE_TYPE(NodeDaemonEndpoints)

// The swap of a node.
struct NodeSwapStatus {
  std::optional<int64_t> capacity;
};
KUBE_TYPE(NodeSwapStatus)

// Versions and identities of a node.
struct NodeSystemInfo {
  std::string machineID;
  std::string systemUUID;
  std::string bootID;
  std::string kernelVersion;
  std::string osImage;
  std::string containerRuntimeVersion;
  std::string kubeletVersion;
  std::string kubeProxyVersion;
  std::string operatingSystem;
  std::string architecture;
  Box<NodeSwapStatus> swap;
};
KUBE_TYPE(NodeSystemInfo)

// An image on a node.
struct ContainerImage {
  std::vector<std::string> names;
  int64_t sizeBytes = 0;
};
KUBE_TYPE(ContainerImage)

// A volume attached to a node.
struct AttachedVolume {
  std::string name;
  std::string devicePath;
};
KUBE_TYPE(AttachedVolume)

// Which configuration a node uses (removed from Kubernetes).
struct NodeConfigStatus {
  Box<NodeConfigSource> assigned;
  Box<NodeConfigSource> active;
  Box<NodeConfigSource> lastKnownGood;
  std::string error;
};
KUBE_TYPE(NodeConfigStatus)

// What a runtime handler can do.
struct NodeRuntimeHandlerFeatures {
  std::optional<bool> recursiveReadOnlyMounts;
  std::optional<bool> userNamespaces;
};
KUBE_TYPE(NodeRuntimeHandlerFeatures)

// A runtime handler of a node.
struct NodeRuntimeHandler {
  std::string name;
  Box<NodeRuntimeHandlerFeatures> features;
};
KUBE_TYPE(NodeRuntimeHandler)

// What a node's CRI implementation can do.
struct NodeFeatures {
  std::optional<bool> supplementalGroupsPolicy;
};
KUBE_TYPE(NodeFeatures)

// What a node reports.
struct NodeStatus {
  std::map<std::string, Quantity> capacity;
  std::map<std::string, Quantity> allocatable;
  std::string phase;
  std::vector<NodeCondition> conditions;
  std::vector<NodeAddress> addresses;
  NodeDaemonEndpoints daemonEndpoints;
  NodeSystemInfo nodeInfo;
  std::vector<ContainerImage> images;
  std::vector<std::string> volumesInUse;
  std::vector<AttachedVolume> volumesAttached;
  Box<NodeConfigStatus> config;
  std::vector<NodeRuntimeHandler> runtimeHandlers;
  Box<NodeFeatures> features;
};
KUBE_TYPE(NodeStatus)

// A machine that runs pods.
struct Node {
  ObjectMeta metadata;
  NodeSpec spec;
  NodeStatus status;
};
KUBE_TYPE(Node)

}  // namespace skiff::api
