// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"

namespace skiff::cli {

// Removes what an agent made in its run directory, and the directory if nothing else is there:
// local clusters have theirs below the same one, and their marks beside its sockets.
Status remove_run_files(const std::filesystem::path& directory);

}  // namespace skiff::cli
