// SPDX-License-Identifier: Apache-2.0
// The metadata every object carries, and the messages of the API itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// The object that another one lives and dies with.
struct OwnerReference {
  std::string kind;
  std::string name;
  std::string uid;
  std::string apiVersion;
  std::optional<bool> controller;
  std::optional<bool> blockOwnerDeletion;
};
KUBE_TYPE(OwnerReference)

// The fields that one manager set, for server-side apply.
struct ManagedFieldsEntry {
  std::string manager;
  std::string operation;
  std::string apiVersion;
  Time time;
  std::string fieldsType;
  RawJson fieldsV1;
  std::string subresource;
};
KUBE_TYPE(ManagedFieldsEntry)

// The metadata of every object.
struct ObjectMeta {
  std::string name;
  std::string generateName;
  std::string namespace_;
  std::string selfLink;
  std::string uid;
  std::string resourceVersion;
  int64_t generation = 0;
  Time creationTimestamp;
  Time deletionTimestamp;
  std::optional<int64_t> deletionGracePeriodSeconds;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<OwnerReference> ownerReferences;
  std::vector<std::string> finalizers;
  std::vector<ManagedFieldsEntry> managedFields;
};
KUBE_TYPE(ObjectMeta)

// The metadata of a list.
struct ListMeta {
  std::string selfLink;
  std::string resourceVersion;
  std::string continue_;
  std::optional<int64_t> remainingItemCount;
};
KUBE_TYPE(ListMeta)

// One expression over a label.
struct LabelSelectorRequirement {
  std::string key;
  std::string operator_;
  std::vector<std::string> values;
};
KUBE_TYPE(LabelSelectorRequirement)

// Labels to match: all of matchLabels and of matchExpressions. Empty matches everything, absent
// nothing.
struct LabelSelector {
  std::map<std::string, std::string> matchLabels;
  std::vector<LabelSelectorRequirement> matchExpressions;
};
KUBE_TYPE(LabelSelector)

// One requirement of a field selector.
struct FieldSelectorRequirement {
  std::string key;
  std::string operator_;
  std::vector<std::string> values;
};
KUBE_TYPE(FieldSelectorRequirement)

// One aspect of an object's state, as newer kinds report it.
struct Condition {
  std::string type;
  std::string status;
  int64_t observedGeneration = 0;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(Condition)

// What must hold for a deletion to go on.
struct Preconditions {
  std::optional<std::string> uid;
  std::optional<std::string> resourceVersion;
};
KUBE_TYPE(Preconditions)

// How to delete: grace, propagation, preconditions.
struct DeleteOptions {
  std::optional<int64_t> gracePeriodSeconds;
  Box<Preconditions> preconditions;
  std::optional<bool> orphanDependents;
  std::optional<std::string> propagationPolicy;
  std::vector<std::string> dryRun;
  std::optional<bool> ignoreStoreReadErrorWithClusterBreakingPotential;
};
KUBE_TYPE(DeleteOptions)

// One of several reasons of a failure.
struct StatusCause {
  std::string reason;
  std::string message;
  std::string field;
};
KUBE_TYPE(StatusCause)

// What a Status is about.
struct StatusDetails {
  std::string name;
  std::string group;
  std::string kind;
  std::vector<StatusCause> causes;
  int32_t retryAfterSeconds = 0;
  std::string uid;
};
KUBE_TYPE(StatusDetails)

// The answer to a request that returns no object: success or failure with its reason.
struct Status {
  ListMeta metadata;
  std::string status;
  std::string message;
  std::string reason;
  Box<StatusDetails> details;
  int32_t code = 0;
};
KUBE_TYPE(Status)

}  // namespace skiff::api
