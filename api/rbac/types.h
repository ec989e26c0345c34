// SPDX-License-Identifier: Apache-2.0
// Roles, and who has them.
#pragma once

#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Verbs that are allowed on resources, or on paths.
struct PolicyRule {
  std::vector<std::string> verbs;
  std::vector<std::string> apiGroups;
  std::vector<std::string> resources;
  std::vector<std::string> resourceNames;
  std::vector<std::string> nonResourceURLs;
};
KUBE_TYPE(PolicyRule)

// The roles that a cluster role gathers.
struct AggregationRule {
  std::vector<LabelSelector> clusterRoleSelectors;
};
KUBE_TYPE(AggregationRule)

// What may be done in a namespace.
struct Role {
  ObjectMeta metadata;
  std::vector<PolicyRule> rules;
};
KUBE_TYPE(Role)

// What may be done in the cluster, or in any namespace it is bound in.
struct ClusterRole {
  ObjectMeta metadata;
  std::vector<PolicyRule> rules;
  Box<AggregationRule> aggregationRule;
};
KUBE_TYPE(ClusterRole)

// Who: a user, a group, a service account.
struct RbacSubject {
  std::string kind;
  std::string apiGroup;
  std::string name;
  std::string namespace_;
};
KUBE_TYPE(RbacSubject)

// The role that is given.
struct RoleRef {
  std::string apiGroup;
  std::string kind;
  std::string name;
};
KUBE_TYPE(RoleRef)

// Gives a role in a namespace.
struct RoleBinding {
  ObjectMeta metadata;
  std::vector<RbacSubject> subjects;
  RoleRef roleRef;
};
KUBE_TYPE(RoleBinding)

// Gives a cluster role everywhere.
struct ClusterRoleBinding {
  ObjectMeta metadata;
  std::vector<RbacSubject> subjects;
  RoleRef roleRef;
};
KUBE_TYPE(ClusterRoleBinding)

}  // namespace skiff::api
