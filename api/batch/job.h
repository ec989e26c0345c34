// SPDX-License-Identifier: Apache-2.0
// Jobs: pods that run to their end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A container that ended with one of these codes.
struct PodFailurePolicyOnExitCodesRequirement {
  std::optional<std::string> containerName;
  std::string operator_;
  std::vector<int32_t> values;
};
KUBE_TYPE(PodFailurePolicyOnExitCodesRequirement)

// A condition of a failed pod.
struct PodFailurePolicyOnPodConditionsPattern {
  std::string type;
  std::string status;
};
KUBE_TYPE(PodFailurePolicyOnPodConditionsPattern)

// What a failed pod means for its job.
struct PodFailurePolicyRule {
  std::string action;
  Box<PodFailurePolicyOnExitCodesRequirement> onExitCodes;
  std::vector<PodFailurePolicyOnPodConditionsPattern> onPodConditions;
};
KUBE_TYPE(PodFailurePolicyRule)

// What failed pods mean for their job: the first rule that fits.
struct PodFailurePolicy {
  std::vector<PodFailurePolicyRule> rules;
};
KUBE_TYPE(PodFailurePolicy)

// Which indexes must have succeeded, or how many.
struct SuccessPolicyRule {
  std::optional<std::string> succeededIndexes;
  std::optional<int32_t> succeededCount;
};
KUBE_TYPE(SuccessPolicyRule)

// When a job has succeeded before all its indexes have.
struct SuccessPolicy {
  std::vector<SuccessPolicyRule> rules;
};
KUBE_TYPE(SuccessPolicy)

// How many pods must end well, how many run at once, of what template.
struct JobSpec {
  std::optional<int32_t> parallelism;
  std::optional<int32_t> completions;
  std::optional<int64_t> activeDeadlineSeconds;
  Box<LabelSelector> selector;
  std::optional<bool> manualSelector;
  PodTemplateSpec template_;
  std::optional<int32_t> backoffLimit;
  std::optional<int32_t> ttlSecondsAfterFinished;
  std::optional<std::string> completionMode;
  std::optional<bool> suspend;
  Box<PodFailurePolicy> podFailurePolicy;
  std::optional<int32_t> backoffLimitPerIndex;
  std::optional<int32_t> maxFailedIndexes;
  std::optional<std::string> podReplacementPolicy;
  std::optional<std::string> managedBy;
  Box<SuccessPolicy> successPolicy;
};
KUBE_TYPE(JobSpec)

// What jobs are made from.
struct JobTemplateSpec {
  ObjectMeta metadata;
  JobSpec spec;
};
KUBE_TYPE(JobTemplateSpec)

// One aspect of a job's state.
struct JobCondition {
  std::string type;
  std::string status;
  Time lastProbeTime;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(JobCondition)

// Pods that ended and are not counted yet.
struct UncountedTerminatedPods {
  std::vector<std::string> succeeded;
  std::vector<std::string> failed;
};
KUBE_TYPE(UncountedTerminatedPods)

// What became of it.
struct JobStatus {
  std::vector<JobCondition> conditions;
  Time startTime;
  Time completionTime;
  int32_t active = 0;
  int32_t succeeded = 0;
  int32_t failed = 0;
  std::string completedIndexes;
  Box<UncountedTerminatedPods> uncountedTerminatedPods;
  std::optional<int32_t> ready;
  std::optional<std::string> failedIndexes;
  std::optional<int32_t> terminating;
};
KUBE_TYPE(JobStatus)

// Runs pods until enough have ended well.
struct Job {
  ObjectMeta metadata;
  JobSpec spec;
  JobStatus status;
};
KUBE_TYPE(Job)

}  // namespace skiff::api
