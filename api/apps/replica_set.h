// SPDX-License-Identifier: Apache-2.0
// ReplicaSets: as many pods of one template as asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How many pods, of what template.
struct ReplicaSetSpec {
  std::optional<int32_t> replicas;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  int32_t minReadySeconds = 0;
};
KUBE_TYPE(ReplicaSetSpec)

// One aspect of a replica set's state.
struct ReplicaSetCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(ReplicaSetCondition)

// What became of it.
struct ReplicaSetStatus {
  int32_t replicas = 0;
  int32_t fullyLabeledReplicas = 0;
  int64_t observedGeneration = 0;
  int32_t readyReplicas = 0;
  int32_t availableReplicas = 0;
  std::vector<ReplicaSetCondition> conditions;
  std::optional<int32_t> terminatingReplicas;
};
KUBE_TYPE(ReplicaSetStatus)

// Keeps a number of pods alive.
struct ReplicaSet {
  ObjectMeta metadata;
  ReplicaSetSpec spec;
  ReplicaSetStatus status;
};
KUBE_TYPE(ReplicaSet)

}  // namespace skiff::api
