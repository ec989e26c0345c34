// SPDX-License-Identifier: Apache-2.0
// apps/v1: what keeps pods alive.
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

// A snapshot of a template, immutable.
struct ControllerRevision {
  ObjectMeta metadata;
  RawJson data;
  int64_t revision = 0;
};
KUBE_TYPE(ControllerRevision)

}  // namespace skiff::api
