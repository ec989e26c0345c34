// SPDX-License-Identifier: Apache-2.0
// What this process uses, under the names that every Prometheus client library gives it.
#pragma once

#include "base/metrics.h"

namespace skiff::metrics {

// Brings process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
// process_start_time_seconds, process_open_fds and process_max_fds up to date, from /proc. What
// cannot be read keeps its last value.
void refresh_process(Registry& registry);

}  // namespace skiff::metrics
