// SPDX-License-Identifier: Apache-2.0
// StatefulSets: pods with names and volumes of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/claim.h"
#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Which ordinals to update, how many at once.
struct RollingUpdateStatefulSetStrategy {
  std::optional<int32_t> partition;
  std::optional<IntOrString> maxUnavailable;
};
KUBE_TYPE(RollingUpdateStatefulSetStrategy)

// How old pods are replaced.
struct StatefulSetUpdateStrategy {
  std::string type;
  Box<RollingUpdateStatefulSetStrategy> rollingUpdate;
};
KUBE_TYPE(StatefulSetUpdateStrategy)

// Where the numbers of the pods start.
struct StatefulSetOrdinals {
  int32_t start = 0;
};
KUBE_TYPE(StatefulSetOrdinals)

// What becomes of claims when their pods go.
struct StatefulSetPersistentVolumeClaimRetentionPolicy {
  std::string whenDeleted;
  std::string whenScaled;
};
KUBE_TYPE(StatefulSetPersistentVolumeClaimRetentionPolicy)

// How many numbered pods, of what template, with what claims.
struct StatefulSetSpec {
  std::optional<int32_t> replicas;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  std::vector<PersistentVolumeClaim> volumeClaimTemplates;
  std::string serviceName;
  std::string podManagementPolicy;
  StatefulSetUpdateStrategy updateStrategy;
  std::optional<int32_t> revisionHistoryLimit;
  int32_t minReadySeconds = 0;
  Box<StatefulSetPersistentVolumeClaimRetentionPolicy> persistentVolumeClaimRetentionPolicy;
  Box<StatefulSetOrdinals> ordinals;
};
KUBE_TYPE(StatefulSetSpec)

// One aspect of a stateful set's state.
struct StatefulSetCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(StatefulSetCondition)

// What became of it.
struct StatefulSetStatus {
  int64_t observedGeneration = 0;
  int32_t replicas = 0;
  int32_t readyReplicas = 0;
  int32_t currentReplicas = 0;
  int32_t updatedReplicas = 0;
  std::string currentRevision;
  std::string updateRevision;
  std::optional<int32_t> collisionCount;
  std::vector<StatefulSetCondition> conditions;
  int32_t availableReplicas = 0;
};
KUBE_TYPE(StatefulSetStatus)

// Keeps numbered pods with names and storage of their own.
struct StatefulSet {
  ObjectMeta metadata;
  StatefulSetSpec spec;
  StatefulSetStatus status;
};
KUBE_TYPE(StatefulSet)

}  // namespace skiff::api
