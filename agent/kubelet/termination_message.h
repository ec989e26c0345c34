// SPDX-License-Identifier: Apache-2.0
// What a container left as its last words: the file behind terminationMessagePath, or the end of
// its log.
#pragma once

#include <string>

#include "agent/kubelet/pod_names.h"
#include "agent/runtime/types.h"

namespace skiff::kubelet {

// At most 4096 bytes of the file; with the policy FallbackToLogsOnError, an empty file and an
// error, the last 2048 bytes or 80 lines of the log. Falls back to the runtime's own message. Reads
// small files.
std::string termination_message(const runtime::ContainerStatus& status, const PodPaths& paths,
                                const std::string& policy);

// The content of `log` (lines `TIME STREAM TAG text`) without its prefixes, its last `max_lines`
// and `max_bytes`.
std::string log_tail(std::string_view log, size_t max_lines, size_t max_bytes);

}  // namespace skiff::kubelet
