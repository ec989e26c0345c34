// SPDX-License-Identifier: Apache-2.0
// What a Node object says about pod networking.
#pragma once

#include "agent/network/routes.h"
#include "api/core/node.h"

namespace skiff::network {

// spec.podCIDRs, or spec.podCIDR where only that is set; what does not parse is left out.
std::vector<Cidr> pod_ranges(const api::Node& node);
PeerNode peer_node(const api::Node& node);

}  // namespace skiff::network
