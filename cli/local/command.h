// SPDX-License-Identifier: Apache-2.0
// Running other programs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

// As execv() and posix_spawn() want it: pointers into `argv`, a null at the end.
std::vector<char*> c_arguments(const std::vector<std::string>& argv);

// Waits for it and returns what it wrote to stdout; a failure carries what it wrote to stderr.
Result<std::string> run_command(const std::vector<std::string>& argv);

}  // namespace skiff::cli
