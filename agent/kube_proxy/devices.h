// SPDX-License-Identifier: Apache-2.0
// Which devices lead away from a node whose pods another CNI attaches. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/net/link.h"

namespace skiff::kube_proxy {

// Hardware, bonds, VLANs, and the tunnels to other nodes' pods: traffic from outside comes in
// there, and answers leave there. Not the bridges and veths that lead to pods.
bool leads_outside(const net::Link& link);

}  // namespace skiff::kube_proxy
