// SPDX-License-Identifier: Apache-2.0
// Commands that look at packets: why, trace, capture.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "base/result.h"

namespace skiff::cli {

void add_look_commands(CLI::App& app, std::function<Status()>& action);

}  // namespace skiff::cli
