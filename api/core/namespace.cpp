// SPDX-License-Identifier: Apache-2.0
#include "api/core/namespace.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(NamespaceSpec, KUBE_FIELD(finalizers, 1))

KUBE_FIELDS(NamespaceCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastTransitionTime, 4, .null_zero = true), KUBE_FIELD(reason, 5),
            KUBE_FIELD(message, 6))

KUBE_FIELDS(NamespaceStatus, KUBE_FIELD(phase, 1),
            KUBE_FIELD(conditions, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(Namespace, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
