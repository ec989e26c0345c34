// SPDX-License-Identifier: Apache-2.0
// Other programs, run to their end.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

// Waits for it and returns what it wrote to stdout; a failure carries what it wrote to stderr.
Result<std::string> run_command(const std::vector<std::string>& argv);

}  // namespace skiff::cli
