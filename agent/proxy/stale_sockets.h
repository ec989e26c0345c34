// SPDX-License-Identifier: Apache-2.0
// Connected UDP sockets whose backend no longer serves the Service they asked for.
#pragma once

#include <string>
#include <vector>

#include "agent/datapath/abi.h"
#include "base/result.h"

namespace skiff::proxy {

// Aborts them in the namespace of the calling thread and in `namespaces` (paths; those that are
// gone are passed over). Blocks. Returns how many there were.
Result<int> abort_sockets(std::vector<datapath::ReverseSocketKey> stale,
                          std::vector<std::string> namespaces);

}  // namespace skiff::proxy
