// SPDX-License-Identifier: Apache-2.0
#include "api/batch/job.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.batch.v1.")

KUBE_FIELDS(PodFailurePolicyOnExitCodesRequirement, KUBE_FIELD(containerName, 1),
            KUBE_FIELD(operator_, 2, .required = true, .values = "In,NotIn"),
            KUBE_FIELD(values, 3, .required = true, .list = ListType::kSet))

KUBE_FIELDS(PodFailurePolicyOnPodConditionsPattern, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2))

KUBE_FIELDS(PodFailurePolicyRule,
            KUBE_FIELD(action, 1, .required = true, .values = "Count,FailIndex,FailJob,Ignore"),
            KUBE_FIELD(onExitCodes, 2), KUBE_FIELD(onPodConditions, 3))

KUBE_FIELDS(PodFailurePolicy, KUBE_FIELD(rules, 1, .required = true))

KUBE_FIELDS(SuccessPolicyRule, KUBE_FIELD(succeededIndexes, 1), KUBE_FIELD(succeededCount, 2))

KUBE_FIELDS(SuccessPolicy, KUBE_FIELD(rules, 1, .required = true))

KUBE_FIELDS(JobSpec, KUBE_FIELD(parallelism, 1, .min = 0, .doc = "pods at once"),
            KUBE_FIELD(completions, 2, .min = 0, .doc = "pods that must end well"),
            KUBE_FIELD(activeDeadlineSeconds, 3, .min = 0),
            KUBE_FIELD(selector, 4, .immutable = true), KUBE_FIELD(manualSelector, 5),
            KUBE_FIELD(template_, 6, .required = true, .doc = "what pods are made from"),
            KUBE_FIELD(backoffLimit, 7, .min = 0, .doc = "failed pods before the job has failed"),
            KUBE_FIELD(ttlSecondsAfterFinished, 8, .min = 0),
            KUBE_FIELD(completionMode, 9, .immutable = true, .values = "Indexed,NonIndexed"),
            KUBE_FIELD(suspend, 10), KUBE_FIELD(podFailurePolicy, 11, .immutable = true),
            KUBE_FIELD(backoffLimitPerIndex, 12, .immutable = true, .min = 0),
            KUBE_FIELD(maxFailedIndexes, 13, .min = 0),
            KUBE_FIELD(podReplacementPolicy, 14, .values = "Failed,TerminatingOrFailed"),
            KUBE_FIELD(managedBy, 15, .immutable = true),
            KUBE_FIELD(successPolicy, 16, .immutable = true))

KUBE_FIELDS(JobTemplateSpec, KUBE_FIELD(metadata, 1), KUBE_FIELD(spec, 2))

KUBE_FIELDS(JobCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true),
            KUBE_FIELD(lastProbeTime, 3, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 4, .null_zero = true), KUBE_FIELD(reason, 5),
            KUBE_FIELD(message, 6))

KUBE_FIELDS(UncountedTerminatedPods, KUBE_FIELD(succeeded, 1, .list = ListType::kSet),
            KUBE_FIELD(failed, 2, .list = ListType::kSet))

KUBE_FIELDS(JobStatus, KUBE_FIELD(conditions, 1, .patch = Patch::kMerge, .merge_key = "type"),
            KUBE_FIELD(startTime, 2), KUBE_FIELD(completionTime, 3), KUBE_FIELD(active, 4),
            KUBE_FIELD(succeeded, 5), KUBE_FIELD(failed, 6), KUBE_FIELD(completedIndexes, 7),
            KUBE_FIELD(uncountedTerminatedPods, 8), KUBE_FIELD(ready, 9),
            KUBE_FIELD(failedIndexes, 10), KUBE_FIELD(terminating, 11))

KUBE_FIELDS(Job, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
