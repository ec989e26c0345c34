// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/script.h"

#include <algorithm>
#include <array>

namespace skiff::scripts {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"node",   "nodes",   "room", "apply",
                                                    "delete", "restart", "maps"};

}  // namespace

std::vector<Command> parse_script(std::string_view text) {
  std::vector<Command> commands;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.starts_with('#')) continue;
    const std::string_view word = line.substr(0, line.find(' '));
    if (std::find(kNames.begin(), kNames.end(), word) != kNames.end()) {
      const std::string_view rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
      commands.push_back({number, std::string(word), std::string(rest), ""});
    } else if (!commands.empty()) {
      commands.back().body.append(line).push_back('\n');
    }
  }
  return commands;
}

}  // namespace skiff::scripts
