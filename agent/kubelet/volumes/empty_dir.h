// SPDX-License-Identifier: Apache-2.0
// emptyDir volumes: an empty directory, or memory, that lives as long as its pod.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/kubelet/pod_names.h"
#include "base/result.h"

namespace skiff::kubelet {

// Owned by `group` if given. Idempotent. Blocks.
Status prepare_empty_dir(const std::filesystem::path& path, const api::EmptyDirVolumeSource& source,
                         std::optional<int64_t> group);

// Whether a volume of the pod lies on disk and has a limit there. (Memory has a hard one.)
bool has_limited_empty_dir(const api::Pod& pod);

// Why the pod must go, in Kubernetes' words, if one of them holds more than its limit. Blocks.
std::optional<std::string> exceeded_empty_dir(const api::Pod& pod, const PodPaths& paths);

}  // namespace skiff::kubelet
