// SPDX-License-Identifier: Apache-2.0
// What `skiff down` looks at on the machine itself, once the last cluster has gone: its routes, and
// the settings of its own network, which clusters never touch.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

// Notes what the settings are before the first cluster. Idempotent.
Status note_sysctls();
// Those that are not as they were noted, in words. Somebody else may have set them meanwhile: no
// error of ours, but said. Empty if nothing was noted.
std::vector<std::string> changed_sysctls();

// The machine's routes that are skiff's, in words.
Result<std::vector<std::string>> skiff_routes();

}  // namespace skiff::cli
