// SPDX-License-Identifier: Apache-2.0
// Priority levels: how many requests run at once, and which wait.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How requests wait.
struct QueuingConfiguration {
  int32_t queues = 0;
  int32_t handSize = 0;
  int32_t queueLengthLimit = 0;
};
KUBE_TYPE(QueuingConfiguration)

// What becomes of requests above the limit.
struct LimitResponse {
  std::string type;
  Box<QueuingConfiguration> queuing;
};
KUBE_TYPE(LimitResponse)

// How much a level may run at once.
struct LimitedPriorityLevelConfiguration {
  std::optional<int32_t> nominalConcurrencyShares;
  LimitResponse limitResponse;
  std::optional<int32_t> lendablePercent;
  std::optional<int32_t> borrowingLimitPercent;
};
KUBE_TYPE(LimitedPriorityLevelConfiguration)

// What a level without limits keeps and lends.
struct ExemptPriorityLevelConfiguration {
  std::optional<int32_t> nominalConcurrencyShares;
  std::optional<int32_t> lendablePercent;
};
KUBE_TYPE(ExemptPriorityLevelConfiguration)

// With limits or without.
struct PriorityLevelConfigurationSpec {
  std::string type;
  Box<LimitedPriorityLevelConfiguration> limited;
  Box<ExemptPriorityLevelConfiguration> exempt;
};
KUBE_TYPE(PriorityLevelConfigurationSpec)

// One aspect of a level's state.
struct PriorityLevelConfigurationCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(PriorityLevelConfigurationCondition)

// What became of it.
struct PriorityLevelConfigurationStatus {
  std::vector<PriorityLevelConfigurationCondition> conditions;
};
KUBE_TYPE(PriorityLevelConfigurationStatus)

// A share of what the server runs at once.
struct PriorityLevelConfiguration {
  ObjectMeta metadata;
  PriorityLevelConfigurationSpec spec;
  PriorityLevelConfigurationStatus status;
};
KUBE_TYPE(PriorityLevelConfiguration)

}  // namespace skiff::api
