// SPDX-License-Identifier: Apache-2.0
// hostPath volumes: the check, or the making, that their type asks for.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace skiff::kubelet {

// `type`: "", DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice.
// Blocks.
Status prepare_host_path(const std::filesystem::path& path, const std::string& type);

}  // namespace skiff::kubelet
