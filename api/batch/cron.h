// SPDX-License-Identifier: Apache-2.0
// The schedules of CronJobs: five fields of cron (`*/5 8-18 * * mon-fri`), or `@hourly`, `@every
// 5m`.
#pragma once

#include <string_view>

#include "base/result.h"

namespace skiff::api {

// Whether `text` is a schedule; the message of the error is that of the parser that Kubernetes
// uses.
Status check_cron(std::string_view text);

}  // namespace skiff::api
