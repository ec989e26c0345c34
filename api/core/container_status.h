// SPDX-License-Identifier: Apache-2.0
// What became of a container.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/container.h"
#include "api/scalars.h"

namespace skiff::api {

// Not running yet, or not any more: why.
struct ContainerStateWaiting {
  std::string reason;
  std::string message;
};
KUBE_TYPE(ContainerStateWaiting)

// Running: since when.
struct ContainerStateRunning {
  Time startedAt;
};
KUBE_TYPE(ContainerStateRunning)

// Ended: how and when.
struct ContainerStateTerminated {
  int32_t exitCode = 0;
  int32_t signal = 0;
  std::string reason;
  std::string message;
  Time startedAt;
  Time finishedAt;
  std::string containerID;
};
KUBE_TYPE(ContainerStateTerminated)

// Waiting, running or terminated: at most one is set.
struct ContainerState {
  Box<ContainerStateWaiting> waiting;
  Box<ContainerStateRunning> running;
  Box<ContainerStateTerminated> terminated;
};
KUBE_TYPE(ContainerState)

// How a volume was mounted.
struct VolumeMountStatus {
  std::string name;
  std::string mountPath;
  bool readOnly = false;
  std::optional<std::string> recursiveReadOnly;
};
KUBE_TYPE(VolumeMountStatus)

// The user and groups of the first process.
struct LinuxContainerUser {
  int64_t uid = 0;
  int64_t gid = 0;
  std::vector<int64_t> supplementalGroups;
};
KUBE_TYPE(LinuxContainerUser)

// The user a container runs as.
struct ContainerUser {
  Box<LinuxContainerUser> linux;
};
KUBE_TYPE(ContainerUser)

// The health of one device.
struct ResourceHealth {
  std::string resourceID;
  std::string health;
};
KUBE_TYPE(ResourceHealth)

// The health of the devices of one resource.
struct ResourceStatus {
  std::string name;
  std::vector<ResourceHealth> resources;
};
KUBE_TYPE(ResourceStatus)

// One container as the kubelet sees it.
struct ContainerStatus {
  std::string name;
  ContainerState state;
  ContainerState lastState;
  bool ready = false;
  int32_t restartCount = 0;
  std::string image;
  std::string imageID;
  std::string containerID;
  std::optional<bool> started;
  std::map<std::string, Quantity> allocatedResources;
  Box<ResourceRequirements> resources;
  std::vector<VolumeMountStatus> volumeMounts;
  Box<ContainerUser> user;
  std::vector<ResourceStatus> allocatedResourcesStatus;
  std::optional<std::string> stopSignal;
};
KUBE_TYPE(ContainerStatus)

}  // namespace skiff::api
