// SPDX-License-Identifier: Apache-2.0
// Which node answers for which load balancer address on the segment: one each, the same on every
// node's view, and few move when a node comes or goes (highest random weight). Pure.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/proxy/endpoint_choice.h"
#include "api/core/node.h"

namespace skiff::proxy {

// What the controller says of an address it gave out of the cluster's own pools.
inline constexpr const char* kPoolAddressCondition = "skiff.io/PoolAddress";

using ServicePtr = std::shared_ptr<const api::Service>;
using NodePtr = std::shared_ptr<const api::Node>;
using SlicesOf = std::function<std::vector<SlicePtr>(const api::Service&)>;

bool is_ready(const api::Node& node);

// Ready nodes that may serve clients outside and have an address in one of `segments`: nobody on
// ours hears what the others answer. No segments: all of them.
std::vector<std::string> announcing_nodes(std::span<const NodePtr> nodes,
                                          std::span<const Cidr> segments);

// The one of `nodes` for `address`; empty if there is none.
std::string elected(const IpAddress& address, std::span<const std::string> nodes);

// The addresses for which `node` answers on its `segments`, each of which elects for itself. Under
// externalTrafficPolicy Local only nodes with ready endpoints do: the others would drop.
std::set<IpAddress> plan_announcements(std::span<const ServicePtr> services,
                                       std::span<const NodePtr> nodes, const SlicesOf& slices_of,
                                       const std::string& node, std::span<const Cidr> segments);

}  // namespace skiff::proxy
