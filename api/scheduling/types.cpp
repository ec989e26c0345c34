// SPDX-License-Identifier: Apache-2.0
#include "api/scheduling/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.scheduling.v1.")

KUBE_FIELDS(PriorityClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(value, 2, .doc = "pods of higher values go first"),
            KUBE_FIELD(globalDefault, 3), KUBE_FIELD(description, 4),
            KUBE_FIELD(preemptionPolicy, 5, .values = "Never,PreemptLowerPriority"))

}  // namespace skiff::api
