// SPDX-License-Identifier: Apache-2.0
#include "api/core/replication_controller.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ReplicationControllerSpec, KUBE_FIELD(replicas, 1, .min = 0),
            KUBE_FIELD(selector, 2, .atomic = true), KUBE_FIELD(template_, 3),
            KUBE_FIELD(minReadySeconds, 4, .min = 0))

KUBE_FIELDS(ReplicationControllerCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(ReplicationControllerStatus, KUBE_FIELD(replicas, 1, .required = true),
            KUBE_FIELD(fullyLabeledReplicas, 2), KUBE_FIELD(observedGeneration, 3),
            KUBE_FIELD(readyReplicas, 4), KUBE_FIELD(availableReplicas, 5),
            KUBE_FIELD(conditions, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(ReplicationController, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
