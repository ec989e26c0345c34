// SPDX-License-Identifier: Apache-2.0
// Horizontal autoscalers as autoscaling/v1 shows them: by CPU alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// What is scaled.
struct CrossVersionObjectReferenceV1 {
  std::string kind;
  std::string name;
  std::string apiVersion;
};
KUBE_TYPE(CrossVersionObjectReferenceV1)

// Between how many replicas, by how much CPU.
struct HorizontalPodAutoscalerSpecV1 {
  CrossVersionObjectReferenceV1 scaleTargetRef;
  std::optional<int32_t> minReplicas;
  int32_t maxReplicas = 0;
  std::optional<int32_t> targetCPUUtilizationPercentage;
};
KUBE_TYPE(HorizontalPodAutoscalerSpecV1)

// What became of it.
struct HorizontalPodAutoscalerStatusV1 {
  std::optional<int64_t> observedGeneration;
  Time lastScaleTime;
  int32_t currentReplicas = 0;
  int32_t desiredReplicas = 0;
  std::optional<int32_t> currentCPUUtilizationPercentage;
};
KUBE_TYPE(HorizontalPodAutoscalerStatusV1)

// Changes the replicas of something by the CPU its pods use.
struct HorizontalPodAutoscalerV1 {
  ObjectMeta metadata;
  HorizontalPodAutoscalerSpecV1 spec;
  HorizontalPodAutoscalerStatusV1 status;
};
KUBE_TYPE(HorizontalPodAutoscalerV1)

}  // namespace skiff::api
