// SPDX-License-Identifier: Apache-2.0
#include "api/node/runtime_class.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.node.v1.")

KUBE_FIELDS(Overhead, KUBE_FIELD(podFixed, 1))

KUBE_FIELDS(Scheduling, KUBE_FIELD(nodeSelector, 1, .atomic = true), KUBE_FIELD(tolerations, 2))

KUBE_FIELDS(RuntimeClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(handler, 2, .required = true, .immutable = true,
                       .doc = "name of a handler in the configuration of the container runtime"),
            KUBE_FIELD(overhead, 3), KUBE_FIELD(scheduling, 4))

}  // namespace skiff::api
