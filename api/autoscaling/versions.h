// SPDX-License-Identifier: Apache-2.0
// autoscaling/v1 and v2: the same object. What v1 has no field for is kept in annotations, as JSON.
#pragma once

#include "api/autoscaling/autoscaler.h"
#include "api/autoscaling/autoscaler_v1.h"

namespace skiff::api {

HorizontalPodAutoscalerV1 to_v1(const HorizontalPodAutoscaler& autoscaler);
HorizontalPodAutoscaler to_v2(const HorizontalPodAutoscalerV1& autoscaler);

// Kubernetes' own goal where nobody set one: 80 % of the CPU asked for.
MetricSpec default_metric();

}  // namespace skiff::api
