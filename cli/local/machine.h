// SPDX-License-Identifier: Apache-2.0
// What all local clusters of a machine share: made by the first, undone by the last.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "cli/local/layout.h"

namespace skiff::cli {

Status check_root();
// The programs, control groups, the file systems a node needs. Errors say what is missing.
Status check_machine(const Programs& programs);

// Mounts bpffs where none is, and puts `unreachable` routes for the clusters' ranges on the
// machine, so that nothing meant for a pod ever leaves it. Idempotent.
Status acquire_machine(const Layout& layout);
// Undoes what acquire_machine() did, if no cluster is left. What an agent of the machine itself
// keeps in the same directories stays.
Status release_machine();

// One `up` or `down` at a time. Held until the returned descriptor is closed.
Result<UniqueFd> lock_machine();

}  // namespace skiff::cli
