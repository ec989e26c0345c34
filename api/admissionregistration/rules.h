// SPDX-License-Identifier: Apache-2.0
// Which requests admission looks at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// An expression that must be true.
struct MatchCondition {
  std::string name;
  std::string expression;
};
KUBE_TYPE(MatchCondition)

// Operations on resources.
struct RuleWithOperations {
  std::vector<std::string> operations;
  std::vector<std::string> apiGroups;
  std::vector<std::string> apiVersions;
  std::vector<std::string> resources;
  std::optional<std::string> scope;
};
KUBE_TYPE(RuleWithOperations)

// Operations on resources of some names.
struct NamedRuleWithOperations {
  std::vector<std::string> resourceNames;
  std::vector<std::string> operations;
  std::vector<std::string> apiGroups;
  std::vector<std::string> apiVersions;
  std::vector<std::string> resources;
  std::optional<std::string> scope;
};
KUBE_TYPE(NamedRuleWithOperations)

// The requests that are meant.
struct MatchResources {
  Box<LabelSelector> namespaceSelector;
  Box<LabelSelector> objectSelector;
  std::vector<NamedRuleWithOperations> resourceRules;
  std::vector<NamedRuleWithOperations> excludeResourceRules;
  std::optional<std::string> matchPolicy;
};
KUBE_TYPE(MatchResources)

}  // namespace skiff::api
