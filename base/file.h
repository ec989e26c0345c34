// SPDX-License-Identifier: Apache-2.0
// Whole files, and directories as a daemon needs them. Errors name the path.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace skiff {

Result<std::string> read_file(const std::filesystem::path& path);

// Writes a temporary file beside `path`, fsyncs it, renames it over `path` and fsyncs the
// directory: after a crash the old or the new content is there, never a part.
Status write_file_atomic(const std::filesystem::path& path, std::string_view content,
                         mode_t mode = 0644);

// Creates `path` and its parents.
Status make_directories(const std::filesystem::path& path, mode_t mode = 0755);

// A second descriptor of the same open file, which no program that is started inherits either.
Result<UniqueFd> duplicate(int fd);

}  // namespace skiff
