// SPDX-License-Identifier: Apache-2.0
// policy/v1: evictions and the budgets that limit them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A request to delete a pod if its budget allows.
struct Eviction {
  ObjectMeta metadata;
  Box<DeleteOptions> deleteOptions;
};
KUBE_TYPE(Eviction)

// How many pods must stay, or may go.
struct PodDisruptionBudgetSpec {
  std::optional<IntOrString> minAvailable;
  Box<LabelSelector> selector;
  std::optional<IntOrString> maxUnavailable;
  std::optional<std::string> unhealthyPodEvictionPolicy;
};
KUBE_TYPE(PodDisruptionBudgetSpec)

// How many pods may go now.
struct PodDisruptionBudgetStatus {
  int64_t observedGeneration = 0;
  std::map<std::string, Time> disruptedPods;
  int32_t disruptionsAllowed = 0;
  int32_t currentHealthy = 0;
  int32_t desiredHealthy = 0;
  int32_t expectedPods = 0;
  std::vector<Condition> conditions;
};
KUBE_TYPE(PodDisruptionBudgetStatus)

// Limits how many pods are evicted at once.
struct PodDisruptionBudget {
  ObjectMeta metadata;
  PodDisruptionBudgetSpec spec;
  PodDisruptionBudgetStatus status;
};
KUBE_TYPE(PodDisruptionBudget)

}  // namespace skiff::api
