// SPDX-License-Identifier: Apache-2.0
// When a cluster that was started may be used. Each waits until it is so, until a daemon ended, or
// until patience ends; the error says which daemon or what was missing.
#pragma once

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

Status wait_for_api(const Layout& layout, const Programs& programs);
// Every node registered and Ready.
Status wait_for_nodes(const Layout& layout, const Programs& programs);
// The cluster's DNS address answers on every node.
Status wait_for_dns(const Layout& layout, const Programs& programs);

}  // namespace skiff::cli
