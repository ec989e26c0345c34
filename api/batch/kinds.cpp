// SPDX-License-Identifier: Apache-2.0
#include "api/batch/cron_job.h"
#include "api/batch/job.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::batch {
namespace {
constexpr const char* kGroup = "batch";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<Job>(kGroup, "jobs", kNamespaced, {}, {"all"}),
      stored<CronJob>(kGroup, "cronjobs", kNamespaced, {"cj"}, {"all"}),
  };
  return all;
}

}  // namespace skiff::api::batch
