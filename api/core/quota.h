// SPDX-License-Identifier: Apache-2.0
// What a namespace may use: ResourceQuota and LimitRange.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Limits and defaults for one type of object.
struct LimitRangeItem {
  std::string type;
  std::map<std::string, Quantity> max;
  std::map<std::string, Quantity> min;
  std::map<std::string, Quantity> default_;
  std::map<std::string, Quantity> defaultRequest;
  std::map<std::string, Quantity> maxLimitRequestRatio;
};
KUBE_TYPE(LimitRangeItem)

// The limits of a namespace.
struct LimitRangeSpec {
  std::vector<LimitRangeItem> limits;
};
KUBE_TYPE(LimitRangeSpec)

// Limits and defaults for each object of a namespace.
struct LimitRange {
  ObjectMeta metadata;
  LimitRangeSpec spec;
};
KUBE_TYPE(LimitRange)

// One expression over a scope.
struct ScopedResourceSelectorRequirement {
  std::string scopeName;
  std::string operator_;
  std::vector<std::string> values;
};
KUBE_TYPE(ScopedResourceSelectorRequirement)

// Which objects a quota counts.
struct ScopeSelector {
  std::vector<ScopedResourceSelectorRequirement> matchExpressions;
};
KUBE_TYPE(ScopeSelector)

// The hard limits.
struct ResourceQuotaSpec {
  std::map<std::string, Quantity> hard;
  std::vector<std::string> scopes;
  Box<ScopeSelector> scopeSelector;
};
KUBE_TYPE(ResourceQuotaSpec)

// The hard limits and what is used of them.
struct ResourceQuotaStatus {
  std::map<std::string, Quantity> hard;
  std::map<std::string, Quantity> used;
};
KUBE_TYPE(ResourceQuotaStatus)

// Limits for the sum of a namespace's objects.
struct ResourceQuota {
  ObjectMeta metadata;
  ResourceQuotaSpec spec;
  ResourceQuotaStatus status;
};
KUBE_TYPE(ResourceQuota)

}  // namespace skiff::api
