// SPDX-License-Identifier: Apache-2.0
// Classes of storage, and volumes on their way to nodes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/storage.h"
#include "api/core/topology.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How volumes of a class are made.
struct StorageClass {
  ObjectMeta metadata;
  std::string provisioner;
  std::map<std::string, std::string> parameters;
  std::optional<std::string> reclaimPolicy;
  std::vector<std::string> mountOptions;
  std::optional<bool> allowVolumeExpansion;
  std::optional<std::string> volumeBindingMode;
  std::vector<TopologySelectorTerm> allowedTopologies;
};
KUBE_TYPE(StorageClass)

// Properties of volumes that may change.
struct VolumeAttributesClass {
  ObjectMeta metadata;
  std::string driverName;
  std::map<std::string, std::string> parameters;
};
KUBE_TYPE(VolumeAttributesClass)

// The volume.
struct VolumeAttachmentSource {
  std::optional<std::string> persistentVolumeName;
  Box<PersistentVolumeSpec> inlineVolumeSpec;
};
KUBE_TYPE(VolumeAttachmentSource)

// Which volume is to be attached where.
struct VolumeAttachmentSpec {
  std::string attacher;
  VolumeAttachmentSource source;
  std::string nodeName;
};
KUBE_TYPE(VolumeAttachmentSpec)

// What went wrong, and when.
struct VolumeError {
  Time time;
  std::string message;
  std::optional<int32_t> errorCode;
};
KUBE_TYPE(VolumeError)

// What became of it.
struct VolumeAttachmentStatus {
  bool attached = false;
  std::map<std::string, std::string> attachmentMetadata;
  Box<VolumeError> attachError;
  Box<VolumeError> detachError;
};
KUBE_TYPE(VolumeAttachmentStatus)

// Attaches a volume to a node.
struct VolumeAttachment {
  ObjectMeta metadata;
  VolumeAttachmentSpec spec;
  VolumeAttachmentStatus status;
};
KUBE_TYPE(VolumeAttachment)

}  // namespace skiff::api
