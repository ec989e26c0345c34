// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/autoscaler_v1.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.autoscaling.v1.")

KUBE_ATOMIC_AS(CrossVersionObjectReferenceV1, "CrossVersionObjectReference",
               KUBE_FIELD(kind, 1, .required = true), KUBE_FIELD(name, 2, .required = true),
               KUBE_FIELD(apiVersion, 3))

KUBE_FIELDS_AS(HorizontalPodAutoscalerSpecV1, "HorizontalPodAutoscalerSpec",
               KUBE_FIELD(scaleTargetRef, 1, .required = true), KUBE_FIELD(minReplicas, 2),
               KUBE_FIELD(maxReplicas, 3, .required = true, .min = 1),
               KUBE_FIELD(targetCPUUtilizationPercentage, 4))

KUBE_FIELDS_AS(HorizontalPodAutoscalerStatusV1, "HorizontalPodAutoscalerStatus",
               KUBE_FIELD(observedGeneration, 1), KUBE_FIELD(lastScaleTime, 2),
               KUBE_FIELD(currentReplicas, 3, .required = true),
               KUBE_FIELD(desiredReplicas, 4, .required = true),
               KUBE_FIELD(currentCPUUtilizationPercentage, 5))

KUBE_FIELDS_AS(HorizontalPodAutoscalerV1, "HorizontalPodAutoscaler",
               KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
               KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
               KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
