// SPDX-License-Identifier: Apache-2.0
#include "api/batch/cron_job.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.batch.v1.")

KUBE_FIELDS(CronJobSpec, KUBE_FIELD(schedule, 1, .required = true, .doc = "in the form of cron"),
            KUBE_FIELD(startingDeadlineSeconds, 2, .min = 0),
            KUBE_FIELD(concurrencyPolicy, 3, .values = "Allow,Forbid,Replace"),
            KUBE_FIELD(suspend, 4), KUBE_FIELD(jobTemplate, 5, .required = true),
            KUBE_FIELD(successfulJobsHistoryLimit, 6, .min = 0),
            KUBE_FIELD(failedJobsHistoryLimit, 7, .min = 0), KUBE_FIELD(timeZone, 8))

KUBE_FIELDS(CronJobStatus, KUBE_FIELD(active, 1), KUBE_FIELD(lastScheduleTime, 4),
            KUBE_FIELD(lastSuccessfulTime, 5))

KUBE_FIELDS(CronJob, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
