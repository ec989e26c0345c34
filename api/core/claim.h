// SPDX-License-Identifier: Apache-2.0
// Claims on persistent volumes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How much storage is asked for.
struct VolumeResourceRequirements {
  std::map<std::string, Quantity> limits;
  std::map<std::string, Quantity> requests;
};
KUBE_TYPE(VolumeResourceRequirements)

// What storage is asked for.
struct PersistentVolumeClaimSpec {
  std::vector<std::string> accessModes;
  VolumeResourceRequirements resources;
  std::string volumeName;
  Box<LabelSelector> selector;
  std::optional<std::string> storageClassName;
  std::optional<std::string> volumeMode;
  Box<TypedLocalObjectReference> dataSource;
  Box<TypedObjectReference> dataSourceRef;
  std::optional<std::string> volumeAttributesClassName;
};
KUBE_TYPE(PersistentVolumeClaimSpec)

// One aspect of a claim's state.
struct PersistentVolumeClaimCondition {
  std::string type;
  std::string status;
  Time lastProbeTime;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(PersistentVolumeClaimCondition)

// How far a change of a volume's class has come.
struct ModifyVolumeStatus {
  std::string targetVolumeAttributesClassName;
  std::string status;
};
KUBE_TYPE(ModifyVolumeStatus)

// What became of a claim.
struct PersistentVolumeClaimStatus {
  std::string phase;
  std::vector<std::string> accessModes;
  std::map<std::string, Quantity> capacity;
  std::vector<PersistentVolumeClaimCondition> conditions;
  std::map<std::string, Quantity> allocatedResources;
  std::map<std::string, std::string> allocatedResourceStatuses;
  std::optional<std::string> currentVolumeAttributesClassName;
  Box<ModifyVolumeStatus> modifyVolumeStatus;
};
KUBE_TYPE(PersistentVolumeClaimStatus)

// A request for storage.
struct PersistentVolumeClaim {
  ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
  PersistentVolumeClaimStatus status;
};
KUBE_TYPE(PersistentVolumeClaim)

// What a claim is made from.
struct PersistentVolumeClaimTemplate {
  ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
};
KUBE_TYPE(PersistentVolumeClaimTemplate)

}  // namespace skiff::api
