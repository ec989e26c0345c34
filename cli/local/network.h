// SPDX-License-Identifier: Apache-2.0
// Network namespaces of the nodes and the bridge that joins them.
#pragma once

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

// Bridge on the machine, a namespace per node, a veth pair to each (eth0 inside), addresses. No
// default route: what is not the cluster's own fails at once instead of leaking out.
Status create_network(const Layout& layout);
// Succeeds for what is not there.
Status remove_network(const Layout& layout);

// The lowest index whose 10.89.INDEX.0/24 no address or route of this machine touches.
Result<int> free_index();

}  // namespace skiff::cli
