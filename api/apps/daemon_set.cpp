// SPDX-License-Identifier: Apache-2.0
#include "api/apps/daemon_set.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.apps.v1.")

KUBE_FIELDS(RollingUpdateDaemonSet, KUBE_FIELD(maxUnavailable, 1), KUBE_FIELD(maxSurge, 2))

KUBE_FIELDS(DaemonSetUpdateStrategy, KUBE_FIELD(type, 1, .values = "OnDelete,RollingUpdate"),
            KUBE_FIELD(rollingUpdate, 2))

KUBE_FIELDS(DaemonSetSpec, KUBE_FIELD(selector, 1, .required = true, .immutable = true),
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

}  // namespace skiff::api
