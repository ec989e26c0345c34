// SPDX-License-Identifier: Apache-2.0
// Flow schemas: which requests are of which priority level.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A user, or * for all.
struct UserSubject {
  std::string name;
};
KUBE_TYPE(UserSubject)

// A group, or * for all.
struct GroupSubject {
  std::string name;
};
KUBE_TYPE(GroupSubject)

// A service account, or * for all of the namespace.
struct ServiceAccountSubject {
  std::string namespace_;
  std::string name;
};
KUBE_TYPE(ServiceAccountSubject)

// Who; `kind` says which.
struct FlowSubject {
  std::string kind;
  Box<UserSubject> user;
  Box<GroupSubject> group;
  Box<ServiceAccountSubject> serviceAccount;
};
KUBE_TYPE(FlowSubject)

// Requests for resources.
struct ResourcePolicyRule {
  std::vector<std::string> verbs;
  std::vector<std::string> apiGroups;
  std::vector<std::string> resources;
  bool clusterScope = false;
  std::vector<std::string> namespaces;
};
KUBE_TYPE(ResourcePolicyRule)

// Requests for paths.
struct NonResourcePolicyRule {
  std::vector<std::string> verbs;
  std::vector<std::string> nonResourceURLs;
};
KUBE_TYPE(NonResourcePolicyRule)

// Requests of some, for some.
struct PolicyRulesWithSubjects {
  std::vector<FlowSubject> subjects;
  std::vector<ResourcePolicyRule> resourceRules;
  std::vector<NonResourcePolicyRule> nonResourceRules;
};
KUBE_TYPE(PolicyRulesWithSubjects)

// A priority level.
struct PriorityLevelConfigurationReference {
  std::string name;
};
KUBE_TYPE(PriorityLevelConfigurationReference)

// What tells flows apart.
struct FlowDistinguisherMethod {
  std::string type;
};
KUBE_TYPE(FlowDistinguisherMethod)

// Which requests are meant, and their level.
struct FlowSchemaSpec {
  PriorityLevelConfigurationReference priorityLevelConfiguration;
  int32_t matchingPrecedence = 0;
  Box<FlowDistinguisherMethod> distinguisherMethod;
  std::vector<PolicyRulesWithSubjects> rules;
};
KUBE_TYPE(FlowSchemaSpec)

// One aspect of a schema's state.
struct FlowSchemaCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(FlowSchemaCondition)

// What became of it.
struct FlowSchemaStatus {
  std::vector<FlowSchemaCondition> conditions;
};
KUBE_TYPE(FlowSchemaStatus)

// Puts requests into a priority level.
struct FlowSchema {
  ObjectMeta metadata;
  FlowSchemaSpec spec;
  FlowSchemaStatus status;
};
KUBE_TYPE(FlowSchema)

}  // namespace skiff::api
