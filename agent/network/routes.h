// SPDX-License-Identifier: Apache-2.0
// Routes between nodes: the pod ranges of every other node through that node's own address, where
// both share a segment.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/net/route.h"

namespace skiff::network {

struct PeerNode {
  std::string name;
  std::vector<IpAddress> addresses;  // InternalIP
  std::vector<Cidr> pod_ranges;
};

struct RoutePlan {
  // A pod range that gets no route, and why, in words for a person.
  struct Skipped {
    std::string node;
    Cidr range;
    std::string reason;
    bool operator==(const Skipped&) const = default;
  };
  std::vector<net::Route> replace;
  std::vector<net::Route> remove;
  std::vector<Skipped> skipped;

  bool operator==(const RoutePlan&) const = default;
};

// Pure. `observed`: the routes of net::kProtocolSkiff; those of single pods are not this plan's and
// stay. The node's own ranges become unreachable, so that a packet to an address no pod has is
// refused here instead of leaving by the default route and coming back. Of two nodes that claim
// overlapping ranges the first by name wins.
RoutePlan plan_routes(std::span<const PeerNode> nodes, const PeerNode& self,
                      std::span<const net::Route> observed);

// Idempotent, blocking. Goes on after a route that is refused, and returns the first refusal.
Status apply(net::Netlink& netlink, const RoutePlan& plan);

}  // namespace skiff::network
