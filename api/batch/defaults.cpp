// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "api/batch/cron_job.h"
#include "api/batch/job.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::batch {
namespace {

// Of jobs, not of the templates of cron jobs.
void job(Job& job) {
  JobSpec& spec = job.spec;
  if (!spec.completions && !spec.parallelism) spec.completions = 1;
  set(spec.parallelism, 1);
  set(spec.backoffLimit, spec.backoffLimitPerIndex ? std::numeric_limits<int32_t>::max() : 6);
  if (job.metadata.labels.empty()) job.metadata.labels = spec.template_.metadata.labels;
  set(spec.completionMode, "NonIndexed");
  set(spec.suspend, false);
  set(spec.manualSelector, false);
  set(spec.podReplacementPolicy, spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed");
}

void failure_pattern(PodFailurePolicyOnPodConditionsPattern& pattern) {
  set(pattern.status, "True");
}

void cron_job_spec(CronJobSpec& spec) {
  set(spec.concurrencyPolicy, "Allow");
  set(spec.suspend, false);
  set(spec.successfulJobsHistoryLimit, 3);
  set(spec.failedJobsHistoryLimit, 1);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<job>(),
    default_hook<failure_pattern>(),
    default_hook<cron_job_spec>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::batch
