// SPDX-License-Identifier: Apache-2.0
// Running other programs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff {

// As execv() and posix_spawn() want it: pointers into `argv`, a null at the end.
std::vector<char*> c_arguments(const std::vector<std::string>& argv);

// Gives it `input` as stdin (none: the caller's own), waits for it and returns what it wrote to
// stdout; a failure carries what it wrote to stderr. Blocks.
Result<std::string> run_command(const std::vector<std::string>& argv,
                                const std::string& input = "");

}  // namespace skiff
