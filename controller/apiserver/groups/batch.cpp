// SPDX-License-Identifier: Apache-2.0
#include "api/batch/cron_job.h"
#include "api/batch/job.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {

void add_batch(Registry& registry, const Parts&) {
  Resource jobs = with_status(row<api::Job>());
  jobs.strategy = job_strategy();
  jobs.selectable_fields = {{"status.successful", "status.succeeded", "0"}};
  registry.add(std::move(jobs));
  registry.add(with_status(row<api::CronJob>()));
}

}  // namespace skiff::apiserver
