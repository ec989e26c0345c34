// SPDX-License-Identifier: Apache-2.0
#include "api/apps/stateful_set.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.apps.v1.")

KUBE_FIELDS(RollingUpdateStatefulSetStrategy, KUBE_FIELD(partition, 1, .min = 0),
            KUBE_FIELD(maxUnavailable, 2))

KUBE_FIELDS(StatefulSetUpdateStrategy, KUBE_FIELD(type, 1, .values = "OnDelete,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(StatefulSetOrdinals, KUBE_FIELD(start, 1, .min = 0))

KUBE_FIELDS(StatefulSetPersistentVolumeClaimRetentionPolicy,
            KUBE_FIELD(whenDeleted, 1, .values = "Delete,Retain"),
            KUBE_FIELD(whenScaled, 2, .values = "Delete,Retain"))

KUBE_FIELDS(StatefulSetSpec, KUBE_FIELD(replicas, 1, .min = 0),
            KUBE_FIELD(selector, 2, .required = true), KUBE_FIELD(template_, 3, .required = true),
            KUBE_FIELD(volumeClaimTemplates, 4), KUBE_FIELD(serviceName, 5),
            KUBE_FIELD(podManagementPolicy, 6, .values = "OrderedReady,Parallel"),
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

}  // namespace skiff::api
