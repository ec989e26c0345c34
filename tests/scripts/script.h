// SPDX-License-Identifier: Apache-2.0
// A golden scenario: commands in a text file, each with the lines that follow it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skiff::scripts {

struct Command {
  int line = 0;
  std::string name;
  std::string argument;
  std::string body;
};

// Commands start in the first column with one of their names; all other lines are the body of the
// command before. Lines that start with '#' are left out.
std::vector<Command> parse_script(std::string_view text);

}  // namespace skiff::scripts
