// SPDX-License-Identifier: Apache-2.0
#include "cli/local/log_tail.h"

#include <fstream>

namespace skiff::cli {

std::deque<std::string> last_lines(const std::string& path, size_t count) {
  std::ifstream file(path);
  std::deque<std::string> tail;
  for (std::string line; std::getline(file, line);) {
    tail.push_back(line);
    if (tail.size() > count) tail.pop_front();
  }
  return tail;
}

}  // namespace skiff::cli
