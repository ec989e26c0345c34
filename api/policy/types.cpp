// SPDX-License-Identifier: Apache-2.0
#include "api/policy/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.policy.v1.")

KUBE_FIELDS(Eviction, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(deleteOptions, 2))

KUBE_FIELDS(PodDisruptionBudgetSpec, KUBE_FIELD(minAvailable, 1),
            KUBE_FIELD(selector, 2, .patch = Patch::kReplace), KUBE_FIELD(maxUnavailable, 3),
            KUBE_FIELD(unhealthyPodEvictionPolicy, 4, .values = "AlwaysAllow,IfHealthyBudget"))

KUBE_FIELDS(PodDisruptionBudgetStatus, KUBE_FIELD(observedGeneration, 1),
            KUBE_FIELD(disruptedPods, 2), KUBE_FIELD(disruptionsAllowed, 3),
            KUBE_FIELD(currentHealthy, 4), KUBE_FIELD(desiredHealthy, 5),
            KUBE_FIELD(expectedPods, 6),
            KUBE_FIELD(conditions, 7, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(PodDisruptionBudget, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
