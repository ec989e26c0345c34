// SPDX-License-Identifier: Apache-2.0
// Files of a ConfigMap, Secret, downwardAPI or projected volume, changed all at once: they live in
// a directory with a time in its name, `..data` points to it, and the visible names point through
// `..data`. A reader sees the old or the new set.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace skiff::kubelet {

struct VolumeFile {
  std::string content;
  int32_t mode = 0644;
  std::optional<int64_t> owner;  // user id; absent: root
  bool operator==(const VolumeFile&) const = default;
};

// By path relative to the volume, without `..` and leading `/`.
using VolumeFiles = std::map<std::string, VolumeFile>;

// Makes the directory hold exactly `files` (group `gid` if given). Writes nothing if it does
// already. Returns whether it wrote. Blocks.
Result<bool> write_volume(const std::filesystem::path& directory, const VolumeFiles& files,
                          std::optional<int64_t> gid = std::nullopt);

// INVALID_ARGUMENT for absolute paths, `..` and names that begin with `..`.
Status check_relative_path(const std::string& path);

}  // namespace skiff::kubelet
