// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "api/batch/cron_job.h"
#include "api/batch/job.h"
#include "controller/apiserver/printers/template_cells.h"

namespace skiff::printers {
namespace {

std::string_view job_status(const api::Job& job) {
  const auto is = [&](std::string_view type) {
    for (const api::JobCondition& one : job.status.conditions)
      if (one.type == type && one.status == "True") return true;
    return false;
  };
  if (is("Complete")) return "Complete";
  if (is("Failed")) return "Failed";
  if (job.metadata.deletionTimestamp) return "Terminating";
  for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
    if (is(type)) return type;
  return "Running";
}

std::string job_completions(const api::Job& job) {
  if (job.spec.completions)
    return fmt::format("{}/{}", job.status.succeeded, *job.spec.completions);
  const int32_t parallelism = job.spec.parallelism.value_or(0);
  return parallelism > 1 ? fmt::format("{}/1 of {}", job.status.succeeded, parallelism)
                         : fmt::format("{}/1", job.status.succeeded);
}

std::string job_duration(const api::JobStatus& status, TimePoint now) {
  if (!status.startTime) return "";
  return human_duration((status.completionTime ? status.completionTime.at : now) -
                        status.startTime.at);
}

TableRow print_job(const api::Job& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(job_status(one));
  cells.text(job_completions(one));
  cells.text(job_duration(one.status, now));
  cells.text(age(one.metadata.creationTimestamp, now));
  print_template(cells, one.spec.template_, one.spec.selector);
  return {.cells = std::move(cells).finish()};
}

TableRow print_cron_job(const api::CronJob& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.schedule);
  cells.text(one.spec.timeZone.value_or(std::string(kNone)));
  cells.text(one.spec.suspend.value_or(false) ? "True" : "False");
  cells.number(static_cast<int64_t>(one.status.active.size()));
  cells.text(one.status.lastScheduleTime ? age(one.status.lastScheduleTime, now)
                                         : std::string(kNone));
  cells.text(age(one.metadata.creationTimestamp, now));
  const api::JobSpec& job = one.spec.jobTemplate.spec;
  print_template(cells, job.template_, job.selector);
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> batch_tables() {
  return {
      table_of<api::Job, print_job>({name_column(), column("Status"), column("Completions"),
                                     column("Duration"), age_column(), wide_column("Containers"),
                                     wide_column("Images"), wide_column("Selector")}),
      table_of<api::CronJob, print_cron_job>(
          {name_column(), column("Schedule"), column("Timezone"), column("Suspend"),
           column("Active", "integer"), column("Last Schedule"), age_column(),
           wide_column("Containers"), wide_column("Images"), wide_column("Selector")})};
}

}  // namespace skiff::printers
