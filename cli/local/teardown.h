// SPDX-License-Identifier: Apache-2.0
// Taking a cluster off the machine, whatever state it is in.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

// Needs the machine's lock. Idempotent; an error names what could not be removed.
Status tear_down(const std::string& name);

// What is left of a cluster, in words: processes, namespaces, links, mounts, control groups, pins,
// directories.
std::vector<std::string> traces(const std::string& name);
bool has_traces(const std::string& name);

}  // namespace skiff::cli
