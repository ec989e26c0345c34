// SPDX-License-Identifier: Apache-2.0
// The init of a local cluster: one process that starts every daemon where it belongs and starts
// again what ends. Its own end changes nothing for the daemons.
#pragma once

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

// Starts a supervisor in the background (this program again, `skiff supervise`).
Status spawn_supervisor(const Layout& layout);

// The supervisor itself: returns only if it cannot start, or on SIGTERM.
Status supervise(const Layout& layout, const Programs& programs);

// What the supervisor last wrote about a daemon that ended unasked; empty if none did.
std::string first_failure(const Layout& layout, const Programs& programs);

inline constexpr const char* kSupervisor = "supervisor";

}  // namespace skiff::cli
