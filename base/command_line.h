// SPDX-License-Identifier: Apache-2.0
// How every daemon reads its command line.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <string>

#include "base/result.h"

namespace skiff {

// Fills what `app`'s options are bound to. When only help was asked for, `help` is its text and the
// options are as they were. INVALID_ARGUMENT names the flag.
inline Status parse_flags(CLI::App& app, int argc, char** argv, std::string& help) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    help = app.help();
  } catch (const CLI::ParseError& e) {
    return invalid_argument("{}", e.what());
  }
  return absl::OkStatus();
}

// An option of a length of time: 90, 90s, 2m, 1h. Not zero.
inline void add_seconds(CLI::App& app, const std::string& flag, std::chrono::seconds& into,
                        const std::string& help) {
  const std::map<std::string, int> units = {{"s", 1}, {"m", 60}, {"h", 3600}};
  const auto set = [&into](int seconds) { into = std::chrono::seconds(seconds); };
  app.add_option_function<int>(flag, set, help)
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::CASE_SENSITIVE, "DURATION"))
      ->check(CLI::PositiveNumber)
      ->default_str(std::to_string(into.count()) + "s");
}

}  // namespace skiff
