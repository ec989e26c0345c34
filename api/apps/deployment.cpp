// SPDX-License-Identifier: Apache-2.0
#include "api/apps/deployment.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.apps.v1.")

KUBE_FIELDS(RollingUpdateDeployment, KUBE_FIELD(maxUnavailable, 1), KUBE_FIELD(maxSurge, 2))

KUBE_FIELDS(DeploymentStrategy, KUBE_FIELD(type, 1, .values = "Recreate,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(DeploymentSpec, KUBE_FIELD(replicas, 1, .min = 0, .doc = "pods wanted"),
            KUBE_FIELD(selector, 2, .required = true, .immutable = true,
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

}  // namespace skiff::api
