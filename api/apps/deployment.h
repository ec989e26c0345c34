// SPDX-License-Identifier: Apache-2.0
// Deployments: pods of a template, replaced bit by bit when it changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How far a rolling update may go beyond and below the replicas wanted.
struct RollingUpdateDeployment {
  std::optional<IntOrString> maxUnavailable;
  std::optional<IntOrString> maxSurge;
};
KUBE_TYPE(RollingUpdateDeployment)

// How old pods are replaced.
struct DeploymentStrategy {
  std::string type;
  Box<RollingUpdateDeployment> rollingUpdate;
};
KUBE_TYPE(DeploymentStrategy)

// How many pods, of what template, replaced how.
struct DeploymentSpec {
  std::optional<int32_t> replicas;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  DeploymentStrategy strategy;
  int32_t minReadySeconds = 0;
  std::optional<int32_t> revisionHistoryLimit;
  bool paused = false;
  std::optional<int32_t> progressDeadlineSeconds;
};
KUBE_TYPE(DeploymentSpec)

// One aspect of a deployment's state.
struct DeploymentCondition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
  Time lastUpdateTime;
  Time lastTransitionTime;
};
KUBE_TYPE(DeploymentCondition)

// What became of it.
struct DeploymentStatus {
  int64_t observedGeneration = 0;
  int32_t replicas = 0;
  int32_t updatedReplicas = 0;
  int32_t availableReplicas = 0;
  int32_t unavailableReplicas = 0;
  std::vector<DeploymentCondition> conditions;
  int32_t readyReplicas = 0;
  std::optional<int32_t> collisionCount;
  std::optional<int32_t> terminatingReplicas;
};
KUBE_TYPE(DeploymentStatus)

// Keeps replica sets, one per template, and moves pods between them.
struct Deployment {
  ObjectMeta metadata;
  DeploymentSpec spec;
  DeploymentStatus status;
};
KUBE_TYPE(Deployment)

}  // namespace skiff::api
