// SPDX-License-Identifier: Apache-2.0
// Network namespaces of the nodes and the bridges that join them.
#pragma once

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

// A bridge a segment on the machine, a namespace per node, a veth pair to each (eth0 inside),
// addresses; a router in a namespace of its own between segments. No default route: what is not the
// cluster's own fails at once instead of leaking out.
Status create_network(const Layout& layout);
// Succeeds for what is not there.
Status remove_network(const Layout& layout);

// The lowest index whose 10.89.INDEX.0/24 no address or route of this machine touches.
Result<int> free_index();

}  // namespace skiff::cli
