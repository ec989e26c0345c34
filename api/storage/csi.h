// SPDX-License-Identifier: Apache-2.0
// What CSI drivers say of themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A token that a driver wants for pods.
struct StorageTokenRequest {
  std::string audience;
  std::optional<int64_t> expirationSeconds;
};
KUBE_TYPE(StorageTokenRequest)

// How a driver is to be treated.
struct CSIDriverSpec {
  std::optional<bool> attachRequired;
  std::optional<bool> podInfoOnMount;
  std::vector<std::string> volumeLifecycleModes;
  std::optional<bool> storageCapacity;
  std::optional<std::string> fsGroupPolicy;
  std::vector<StorageTokenRequest> tokenRequests;
  std::optional<bool> requiresRepublish;
  std::optional<bool> seLinuxMount;
  std::optional<int64_t> nodeAllocatableUpdatePeriodSeconds;
};
KUBE_TYPE(CSIDriverSpec)

// A driver of storage.
struct CSIDriver {
  ObjectMeta metadata;
  CSIDriverSpec spec;
};
KUBE_TYPE(CSIDriver)

// How many volumes fit.
struct VolumeNodeResources {
  std::optional<int32_t> count;
};
KUBE_TYPE(VolumeNodeResources)

// A driver on a node.
struct CSINodeDriver {
  std::string name;
  std::string nodeID;
  std::vector<std::string> topologyKeys;
  Box<VolumeNodeResources> allocatable;
};
KUBE_TYPE(CSINodeDriver)

// The drivers on a node.
struct CSINodeSpec {
  std::vector<CSINodeDriver> drivers;
};
KUBE_TYPE(CSINodeSpec)

// A node as drivers see it.
struct CSINode {
  ObjectMeta metadata;
  CSINodeSpec spec;
};
KUBE_TYPE(CSINode)

// How much of a class is left for some nodes.
struct CSIStorageCapacity {
  ObjectMeta metadata;
  Box<LabelSelector> nodeTopology;
  std::string storageClassName;
  std::optional<Quantity> capacity;
  std::optional<Quantity> maximumVolumeSize;
};
KUBE_TYPE(CSIStorageCapacity)

}  // namespace skiff::api
