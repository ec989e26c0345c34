// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/autoscaler.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.autoscaling.v2.")

KUBE_FIELDS(HPAScalingPolicy, KUBE_FIELD(type, 1, .required = true, .values = "Percent,Pods"),
            KUBE_FIELD(value, 2, .required = true), KUBE_FIELD(periodSeconds, 3, .required = true))

KUBE_FIELDS(HPAScalingRules, KUBE_FIELD(selectPolicy, 1, .values = "Disabled,Max,Min"),
            KUBE_FIELD(policies, 2), KUBE_FIELD(stabilizationWindowSeconds, 3),
            KUBE_FIELD(tolerance, 4))

KUBE_FIELDS(HorizontalPodAutoscalerBehavior, KUBE_FIELD(scaleUp, 1), KUBE_FIELD(scaleDown, 2))

KUBE_FIELDS(HorizontalPodAutoscalerSpec, KUBE_FIELD(scaleTargetRef, 1, .required = true),
            KUBE_FIELD(minReplicas, 2), KUBE_FIELD(maxReplicas, 3, .required = true, .min = 1),
            KUBE_FIELD(metrics, 4), KUBE_FIELD(behavior, 5))

KUBE_FIELDS(HorizontalPodAutoscalerCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(HorizontalPodAutoscalerStatus, KUBE_FIELD(observedGeneration, 1),
            KUBE_FIELD(lastScaleTime, 2), KUBE_FIELD(currentReplicas, 3),
            KUBE_FIELD(desiredReplicas, 4, .required = true), KUBE_FIELD(currentMetrics, 5),
            KUBE_FIELD(conditions, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(HorizontalPodAutoscaler, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
