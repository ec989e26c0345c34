// SPDX-License-Identifier: Apache-2.0
// How every daemon reads its command line.
#pragma once

#include <CLI/CLI.hpp>

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

}  // namespace skiff
