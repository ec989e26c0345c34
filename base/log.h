// SPDX-License-Identifier: Apache-2.0
// Logging of a daemon: spdlog to stderr, one line an event. Only main, daemons, the reconcile
// engine and servers log; library code returns its errors (STYLE, "Errors").
#pragma once

#include <string>

#include "base/result.h"

namespace skiff {

// `level` is trace, debug, info, warn, error or critical; anything else is refused by name.
Status setup_logging(const std::string& program, const std::string& level);

}  // namespace skiff
