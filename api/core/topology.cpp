// SPDX-License-Identifier: Apache-2.0
#include "api/core/topology.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(TopologySelectorLabelRequirement, KUBE_FIELD(key, 1, .required = true),
            KUBE_FIELD(values, 2, .required = true))

KUBE_ATOMIC(TopologySelectorTerm, KUBE_FIELD(matchLabelExpressions, 1))

}  // namespace skiff::api
