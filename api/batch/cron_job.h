// SPDX-License-Identifier: Apache-2.0
// CronJobs: jobs at set times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/batch/job.h"
#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// When to make a job, of what template.
struct CronJobSpec {
  std::string schedule;
  std::optional<int64_t> startingDeadlineSeconds;
  std::string concurrencyPolicy;
  std::optional<bool> suspend;
  JobTemplateSpec jobTemplate;
  std::optional<int32_t> successfulJobsHistoryLimit;
  std::optional<int32_t> failedJobsHistoryLimit;
  std::optional<std::string> timeZone;
};
KUBE_TYPE(CronJobSpec)

// What became of it.
struct CronJobStatus {
  std::vector<ObjectReference> active;
  Time lastScheduleTime;
  Time lastSuccessfulTime;
};
KUBE_TYPE(CronJobStatus)

// Makes jobs at set times.
struct CronJob {
  ObjectMeta metadata;
  CronJobSpec spec;
  CronJobStatus status;
};
KUBE_TYPE(CronJob)

}  // namespace skiff::api
