// SPDX-License-Identifier: Apache-2.0
// Horizontal autoscalers (autoscaling/v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/autoscaling/metrics.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// So many pods, or so much of them, in so many seconds.
struct HPAScalingPolicy {
  std::string type;
  int32_t value = 0;
  int32_t periodSeconds = 0;
};
KUBE_TYPE(HPAScalingPolicy)

// How fast to scale in one direction.
struct HPAScalingRules {
  std::optional<std::string> selectPolicy;
  std::vector<HPAScalingPolicy> policies;
  std::optional<int32_t> stabilizationWindowSeconds;
  std::optional<Quantity> tolerance;
};
KUBE_TYPE(HPAScalingRules)

// How fast to scale.
struct HorizontalPodAutoscalerBehavior {
  Box<HPAScalingRules> scaleUp;
  Box<HPAScalingRules> scaleDown;
};
KUBE_TYPE(HorizontalPodAutoscalerBehavior)

// Between how many replicas, by which metrics.
struct HorizontalPodAutoscalerSpec {
  CrossVersionObjectReference scaleTargetRef;
  std::optional<int32_t> minReplicas;
  int32_t maxReplicas = 0;
  std::vector<MetricSpec> metrics;
  Box<HorizontalPodAutoscalerBehavior> behavior;
};
KUBE_TYPE(HorizontalPodAutoscalerSpec)

// One aspect of an autoscaler's state.
struct HorizontalPodAutoscalerCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(HorizontalPodAutoscalerCondition)

// What became of it.
struct HorizontalPodAutoscalerStatus {
  std::optional<int64_t> observedGeneration;
  Time lastScaleTime;
  int32_t currentReplicas = 0;
  int32_t desiredReplicas = 0;
  std::vector<MetricStatus> currentMetrics;
  std::vector<HorizontalPodAutoscalerCondition> conditions;
};
KUBE_TYPE(HorizontalPodAutoscalerStatus)

// Changes the replicas of something by metrics.
struct HorizontalPodAutoscaler {
  ObjectMeta metadata;
  HorizontalPodAutoscalerSpec spec;
  HorizontalPodAutoscalerStatus status;
};
KUBE_TYPE(HorizontalPodAutoscaler)

}  // namespace skiff::api
