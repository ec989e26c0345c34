// SPDX-License-Identifier: Apache-2.0
// Tells the datapath where nodes are (NodePorts are valid on their addresses) and which ranges
// belong to the cluster.
#pragma once

#include <set>
#include <span>
#include <string>

#include "agent/datapath/maps.h"
#include "api/core/node.h"
#include "base/ip.h"

namespace skiff::proxy {

// Makes `maps.nodes` hold exactly the addresses of `nodes`, marking those of `self`, and keeps node
// addresses out of masquerading. Level-triggered: compares with what is in the map.
Status write_node_addresses(datapath::Maps& maps,
                            std::span<const std::shared_ptr<const api::Node>> nodes,
                            const std::string& self);

// Makes `maps.ranges` hold the cluster's ranges.
Status write_ranges(datapath::Maps& maps, std::span<const Cidr> service_ranges,
                    std::span<const Cidr> cluster_ranges);

}  // namespace skiff::proxy
