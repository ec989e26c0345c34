// SPDX-License-Identifier: Apache-2.0
#include "api/core/reference.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_ATOMIC(LocalObjectReference, KUBE_FIELD(name, 1))

KUBE_ATOMIC(ObjectReference, KUBE_FIELD(kind, 1), KUBE_FIELD(namespace_, 2), KUBE_FIELD(name, 3),
            KUBE_FIELD(uid, 4), KUBE_FIELD(apiVersion, 5), KUBE_FIELD(resourceVersion, 6),
            KUBE_FIELD(fieldPath, 7))

KUBE_ATOMIC(SecretReference, KUBE_FIELD(name, 1), KUBE_FIELD(namespace_, 2))

KUBE_ATOMIC(TypedLocalObjectReference, KUBE_FIELD(apiGroup, 1),
            KUBE_FIELD(kind, 2, .required = true), KUBE_FIELD(name, 3, .required = true))

KUBE_FIELDS(TypedObjectReference, KUBE_FIELD(apiGroup, 1), KUBE_FIELD(kind, 2, .required = true),
            KUBE_FIELD(name, 3, .required = true), KUBE_FIELD(namespace_, 4))

}  // namespace skiff::api
