// SPDX-License-Identifier: Apache-2.0
// DaemonSets: a pod on every node.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How many nodes may be without, or with two, pods during an update.
struct RollingUpdateDaemonSet {
  std::optional<IntOrString> maxUnavailable;
  std::optional<IntOrString> maxSurge;
};
KUBE_TYPE(RollingUpdateDaemonSet)

// How old pods are replaced.
struct DaemonSetUpdateStrategy {
  std::string type;
  Box<RollingUpdateDaemonSet> rollingUpdate;
};
KUBE_TYPE(DaemonSetUpdateStrategy)

// Which pods to run on each node.
struct DaemonSetSpec {
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  DaemonSetUpdateStrategy updateStrategy;
  int32_t minReadySeconds = 0;
  std::optional<int32_t> revisionHistoryLimit;
};
KUBE_TYPE(DaemonSetSpec)

// One aspect of a daemon set's state.
struct DaemonSetCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(DaemonSetCondition)

// What became of it.
struct DaemonSetStatus {
  int32_t currentNumberScheduled = 0;
  int32_t numberMisscheduled = 0;
  int32_t desiredNumberScheduled = 0;
  int32_t numberReady = 0;
  int64_t observedGeneration = 0;
  int32_t updatedNumberScheduled = 0;
  int32_t numberAvailable = 0;
  int32_t numberUnavailable = 0;
  std::optional<int32_t> collisionCount;
  std::vector<DaemonSetCondition> conditions;
};
KUBE_TYPE(DaemonSetStatus)

// Keeps one pod on each matching node.
struct DaemonSet {
  ObjectMeta metadata;
  DaemonSetSpec spec;
  DaemonSetStatus status;
};
KUBE_TYPE(DaemonSet)

}  // namespace skiff::api
