// SPDX-License-Identifier: Apache-2.0
// ReplicationControllers: the older form of ReplicaSet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How many pods, of what template.
struct ReplicationControllerSpec {
  std::optional<int32_t> replicas;
  std::map<std::string, std::string> selector;
  Box<PodTemplateSpec> template_;
  int32_t minReadySeconds = 0;
};
KUBE_TYPE(ReplicationControllerSpec)

// One aspect of a replication controller's state.
struct ReplicationControllerCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(ReplicationControllerCondition)

// What became of it.
struct ReplicationControllerStatus {
  int32_t replicas = 0;
  int32_t fullyLabeledReplicas = 0;
  int64_t observedGeneration = 0;
  int32_t readyReplicas = 0;
  int32_t availableReplicas = 0;
  std::vector<ReplicationControllerCondition> conditions;
};
KUBE_TYPE(ReplicationControllerStatus)

// Keeps a number of pods alive.
struct ReplicationController {
  ObjectMeta metadata;
  ReplicationControllerSpec spec;
  ReplicationControllerStatus status;
};
KUBE_TYPE(ReplicationController)

}  // namespace skiff::api
