// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/scale.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.autoscaling.v1.")

KUBE_FIELDS(ScaleSpec, KUBE_FIELD(replicas, 1, .min = 0))

KUBE_FIELDS(ScaleStatus, KUBE_FIELD(replicas, 1, .required = true), KUBE_FIELD(selector, 2))

KUBE_FIELDS(Scale, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
