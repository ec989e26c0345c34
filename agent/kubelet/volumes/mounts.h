// SPDX-License-Identifier: Apache-2.0
// Mounts below a pod's directory. All block; all are idempotent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace skiff::kubelet {

// True if something is mounted at `path` itself.
bool is_mount_point(const std::filesystem::path& path);

// A file system in memory; `size_bytes` absent: the kernel's default, half of the memory.
Status mount_tmpfs(const std::filesystem::path& path, std::optional<int64_t> size_bytes);

// Unmounts everything at and below `path`, deepest first.
Status unmount_below(const std::filesystem::path& path);

// Removes `path` with what is in it, and never anything of another file system: unmounts first.
Status remove_tree(const std::filesystem::path& path);

}  // namespace skiff::kubelet
