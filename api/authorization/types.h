// SPDX-License-Identifier: Apache-2.0
// authorization.k8s.io/v1: may they?
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The field selector of a request.
struct FieldSelectorAttributes {
  std::string rawSelector;
  std::vector<FieldSelectorRequirement> requirements;
};
KUBE_TYPE(FieldSelectorAttributes)

// The label selector of a request.
struct LabelSelectorAttributes {
  std::string rawSelector;
  std::vector<LabelSelectorRequirement> requirements;
};
KUBE_TYPE(LabelSelectorAttributes)

// A request for a resource.
struct ResourceAttributes {
  std::string namespace_;
  std::string verb;
  std::string group;
  std::string version;
  std::string resource;
  std::string subresource;
  std::string name;
  Box<FieldSelectorAttributes> fieldSelector;
  Box<LabelSelectorAttributes> labelSelector;
};
KUBE_TYPE(ResourceAttributes)

// A request for a path.
struct NonResourceAttributes {
  std::string path;
  std::string verb;
};
KUBE_TYPE(NonResourceAttributes)

// Who wants to do what.
struct SubjectAccessReviewSpec {
  Box<ResourceAttributes> resourceAttributes;
  Box<NonResourceAttributes> nonResourceAttributes;
  std::string user;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
  std::string uid;
};
KUBE_TYPE(SubjectAccessReviewSpec)

// Whether they may, and why.
struct SubjectAccessReviewStatus {
  bool allowed = false;
  std::string reason;
  std::string evaluationError;
  bool denied = false;
};
KUBE_TYPE(SubjectAccessReviewStatus)

// Asks whether somebody may do something.
struct SubjectAccessReview {
  ObjectMeta metadata;
  SubjectAccessReviewSpec spec;
  SubjectAccessReviewStatus status;
};
KUBE_TYPE(SubjectAccessReview)

// Asks whether somebody may do something in one namespace.
struct LocalSubjectAccessReview {
  ObjectMeta metadata;
  SubjectAccessReviewSpec spec;
  SubjectAccessReviewStatus status;
};
KUBE_TYPE(LocalSubjectAccessReview)

// What the caller wants to do.
struct SelfSubjectAccessReviewSpec {
  Box<ResourceAttributes> resourceAttributes;
  Box<NonResourceAttributes> nonResourceAttributes;
};
KUBE_TYPE(SelfSubjectAccessReviewSpec)

// Asks whether the caller may do something.
struct SelfSubjectAccessReview {
  ObjectMeta metadata;
  SelfSubjectAccessReviewSpec spec;
  SubjectAccessReviewStatus status;
};
KUBE_TYPE(SelfSubjectAccessReview)

// What may be done to which resources.
struct ResourceRule {
  std::vector<std::string> verbs;
  std::vector<std::string> apiGroups;
  std::vector<std::string> resources;
  std::vector<std::string> resourceNames;
};
KUBE_TYPE(ResourceRule)

// What may be done to which paths.
struct NonResourceRule {
  std::vector<std::string> verbs;
  std::vector<std::string> nonResourceURLs;
};
KUBE_TYPE(NonResourceRule)

// All that the caller may do.
struct SubjectRulesReviewStatus {
  std::vector<ResourceRule> resourceRules;
  std::vector<NonResourceRule> nonResourceRules;
  bool incomplete = false;
  std::string evaluationError;
};
KUBE_TYPE(SubjectRulesReviewStatus)

// The namespace asked about.
struct SelfSubjectRulesReviewSpec {
  std::string namespace_;
};
KUBE_TYPE(SelfSubjectRulesReviewSpec)

// Asks what the caller may do in a namespace.
struct SelfSubjectRulesReview {
  ObjectMeta metadata;
  SelfSubjectRulesReviewSpec spec;
  SubjectRulesReviewStatus status;
};
KUBE_TYPE(SelfSubjectRulesReview)

}  // namespace skiff::api
