// SPDX-License-Identifier: Apache-2.0
// Ways between nodes: the pod ranges of every other node through that node's own address where both
// share a segment, through the overlay where they do not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/net/route.h"
#include "agent/network/overlay.h"

namespace skiff::network {

struct PeerNode {
  std::string name;
  std::vector<IpAddress> addresses;  // InternalIP
  std::vector<Cidr> pod_ranges;
  bool operator==(const PeerNode&) const = default;
};

// What this node sees of the network between nodes.
struct Fabric {
  OverlayMode overlay = OverlayMode::kAuto;
  std::vector<Cidr> segments;  // whose addresses are on-link
  int overlay_index = 0;       // of the overlay device; 0 while there is none
  // Clients outside go across to every node whose pods serve them, which answers (ADR 0041).
  bool carries_clients = false;
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
  std::vector<Tunnel> tunnels;  // all of them, in order of their ranges
  std::vector<Skipped> skipped;

  bool operator==(const RoutePlan&) const = default;
};

// Pure. `observed`: the routes of net::kProtocolSkiff; those of single pods are not this plan's and
// stay. The node's own ranges become unreachable, so that a packet to an address no pod has is
// refused here instead of leaving by the default route and coming back. Of two nodes that claim
// overlapping ranges the first by name wins. Decided range by range: through the node's address of
// the same family if that is on-link, else across the overlay, over either family.
RoutePlan plan_routes(std::span<const PeerNode> nodes, const PeerNode& self, const Fabric& fabric,
                      std::span<const net::Route> observed);

// Idempotent, blocking. Goes on after a route that is refused, and returns the first refusal.
Status apply(net::Netlink& netlink, const RoutePlan& plan);

}  // namespace skiff::network
