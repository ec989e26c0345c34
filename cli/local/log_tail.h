// SPDX-License-Identifier: Apache-2.0
// What a daemon said last.
#pragma once

#include <deque>
#include <string>

namespace skiff::cli {

// The last `count` lines of a file, oldest first; none if it cannot be read.
std::deque<std::string> last_lines(const std::string& path, size_t count);

}  // namespace skiff::cli
