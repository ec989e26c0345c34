// SPDX-License-Identifier: Apache-2.0
#include "api/apps.h"

namespace skiff::api {

KUBE_FIELDS(RollingUpdateDeployment, KUBE_FIELD(maxUnavailable, 1), KUBE_FIELD(maxSurge, 2))

KUBE_FIELDS(DeploymentStrategy, KUBE_FIELD(type, 1, .values = "Recreate,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(DeploymentSpec, KUBE_FIELD(replicas, 1, .min = 0, .doc = "pods wanted"),
            KUBE_FIELD(selector, 2, .required = true, .immutable = true, .atomic = true,
                       .doc = "labels of its pods"),
            KUBE_FIELD(template_, 3, .required = true, .doc = "what pods are made from"),
            KUBE_FIELD(strategy, 4, .patch = Patch::kRetainKeys,
                       .doc = "how old pods are replaced"),
            KUBE_FIELD(minReadySeconds, 5, .min = 0,
                       .doc = "how long a pod must be ready to count as available"),
            KUBE_FIELD(revisionHistoryLimit, 6, .min = 0, .doc = "old replica sets kept for undo"),
            KUBE_FIELD(paused, 7, .doc = "hold rollouts"),
            KUBE_FIELD(progressDeadlineSeconds, 9, .min = 0,
                       .doc = "a rollout without progress for so long has failed"))

KUBE_FIELDS(DeploymentCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(reason, 4), KUBE_FIELD(message, 5),
            KUBE_FIELD(lastUpdateTime, 6, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 7, .null_zero = true))

KUBE_FIELDS(DeploymentStatus, KUBE_FIELD(observedGeneration, 1), KUBE_FIELD(replicas, 2),
            KUBE_FIELD(updatedReplicas, 3), KUBE_FIELD(availableReplicas, 4),
            KUBE_FIELD(unavailableReplicas, 5),
            KUBE_FIELD(conditions, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(readyReplicas, 7), KUBE_FIELD(collisionCount, 8),
            KUBE_FIELD(terminatingReplicas, 9))

KUBE_FIELDS(Deployment, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(ReplicaSetSpec, KUBE_FIELD(replicas, 1, .min = 0, .doc = "pods wanted"),
            KUBE_FIELD(selector, 2, .required = true, .immutable = true, .atomic = true,
                       .doc = "labels of its pods"),
            KUBE_FIELD(template_, 3, .doc = "what pods are made from"),
            KUBE_FIELD(minReadySeconds, 4, .min = 0,
                       .doc = "how long a pod must be ready to count as available"))

KUBE_FIELDS(ReplicaSetCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(ReplicaSetStatus, KUBE_FIELD(replicas, 1, .required = true),
            KUBE_FIELD(fullyLabeledReplicas, 2), KUBE_FIELD(observedGeneration, 3),
            KUBE_FIELD(readyReplicas, 4), KUBE_FIELD(availableReplicas, 5),
            KUBE_FIELD(conditions, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(terminatingReplicas, 7))

KUBE_FIELDS(ReplicaSet, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(RollingUpdateDaemonSet, KUBE_FIELD(maxUnavailable, 1), KUBE_FIELD(maxSurge, 2))

KUBE_FIELDS(DaemonSetUpdateStrategy, KUBE_FIELD(type, 1, .values = "OnDelete,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(DaemonSetSpec,
            KUBE_FIELD(selector, 1, .required = true, .immutable = true, .atomic = true),
            KUBE_FIELD(template_, 2, .required = true), KUBE_FIELD(updateStrategy, 3),
            KUBE_FIELD(minReadySeconds, 4, .min = 0), KUBE_FIELD(revisionHistoryLimit, 6, .min = 0))

KUBE_FIELDS(DaemonSetCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(DaemonSetStatus, KUBE_FIELD(currentNumberScheduled, 1, .required = true),
            KUBE_FIELD(numberMisscheduled, 2, .required = true),
            KUBE_FIELD(desiredNumberScheduled, 3, .required = true),
            KUBE_FIELD(numberReady, 4, .required = true), KUBE_FIELD(observedGeneration, 5),
            KUBE_FIELD(updatedNumberScheduled, 6), KUBE_FIELD(numberAvailable, 7),
            KUBE_FIELD(numberUnavailable, 8), KUBE_FIELD(collisionCount, 9),
            KUBE_FIELD(conditions, 10, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(DaemonSet, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(RollingUpdateStatefulSetStrategy, KUBE_FIELD(partition, 1, .min = 0),
            KUBE_FIELD(maxUnavailable, 2))

KUBE_FIELDS(StatefulSetUpdateStrategy, KUBE_FIELD(type, 1, .values = "OnDelete,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(StatefulSetOrdinals, KUBE_FIELD(start, 1, .min = 0))

KUBE_FIELDS(StatefulSetPersistentVolumeClaimRetentionPolicy,
            KUBE_FIELD(whenDeleted, 1, .values = "Delete,Retain"),
            KUBE_FIELD(whenScaled, 2, .values = "Delete,Retain"))

KUBE_FIELDS(StatefulSetSpec, KUBE_FIELD(replicas, 1, .min = 0),
            KUBE_FIELD(selector, 2, .required = true, .immutable = true, .atomic = true),
            KUBE_FIELD(template_, 3, .required = true), KUBE_FIELD(volumeClaimTemplates, 4),
            KUBE_FIELD(serviceName, 5, .immutable = true),
            KUBE_FIELD(podManagementPolicy, 6, .immutable = true,
                       .values = "OrderedReady,Parallel"),
            KUBE_FIELD(updateStrategy, 7), KUBE_FIELD(revisionHistoryLimit, 8, .min = 0),
            KUBE_FIELD(minReadySeconds, 9, .min = 0),
            KUBE_FIELD(persistentVolumeClaimRetentionPolicy, 10), KUBE_FIELD(ordinals, 11))

KUBE_FIELDS(StatefulSetCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(StatefulSetStatus, KUBE_FIELD(observedGeneration, 1),
            KUBE_FIELD(replicas, 2, .required = true), KUBE_FIELD(readyReplicas, 3),
            KUBE_FIELD(currentReplicas, 4), KUBE_FIELD(updatedReplicas, 5),
            KUBE_FIELD(currentRevision, 6), KUBE_FIELD(updateRevision, 7),
            KUBE_FIELD(collisionCount, 9),
            KUBE_FIELD(conditions, 10, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(availableReplicas, 11))

KUBE_FIELDS(StatefulSet, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(ControllerRevision, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(data, 2), KUBE_FIELD(revision, 3, .required = true))

}  // namespace skiff::api
