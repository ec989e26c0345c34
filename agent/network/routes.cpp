// SPDX-License-Identifier: Apache-2.0
#include "agent/network/routes.h"

#include <algorithm>
#include <map>
#include <optional>

#include "agent/network/pod_link.h"

namespace skiff::network {
namespace {

bool is_pod_route(const net::Route& route) {
  return route.destination.prefix() == (route.destination.is_v4() ? 32 : 128);
}

bool overlap(const Cidr& a, const Cidr& b) {
  return a.is_v4() == b.is_v4() && (a.contains(b.base()) || b.contains(a.base()));
}

// The kernel fills in devices and metrics, so only what was asked for counts.
bool same_route(const net::Route& wanted, const net::Route& present) {
  return wanted.destination == present.destination && wanted.kind == present.kind &&
         wanted.via == present.via &&
         (wanted.link_index == 0 || wanted.link_index == present.link_index);
}

const IpAddress* address_of(const PeerNode& node, bool v4) {
  const auto it =
      std::ranges::find_if(node.addresses, [v4](const IpAddress& ip) { return ip.is_v4() == v4; });
  return it == node.addresses.end() ? nullptr : &*it;
}

class Planner {
 public:
  Planner(const PeerNode& self, const Fabric& fabric) : self_(self), fabric_(fabric) {
    for (const Cidr& range : self.pod_ranges) {
      owners_.emplace(range, self.name);
      desired_.emplace(range,
                       net::Route{.destination = range, .kind = net::RouteKind::kUnreachable});
    }
  }

  void add(const PeerNode& peer) {
    for (const Cidr& range : peer.pod_ranges) {
      std::string problem = owner_of_overlap(range);
      if (problem.empty()) problem = lead_to(peer, range);
      if (!problem.empty()) plan_.skipped.push_back({peer.name, range, std::move(problem)});
    }
    // Pods would reach these with an address that the network between knows nothing of.
    for (const IpAddress& address : peer.addresses)
      if (!is_direct(address))
        if (const auto tunnel = tunnel_to(peer, Cidr(address, address.is_v4() ? 32 : 128)))
          plan_.tunnels.push_back(*tunnel);
  }

  RoutePlan finish(std::span<const net::Route> observed) {
    for (const net::Route& present : observed) {
      if (is_pod_route(present)) continue;
      const auto wanted = desired_.find(present.destination);
      if (wanted == desired_.end())
        plan_.remove.push_back(present);
      else if (same_route(wanted->second, present))
        desired_.erase(wanted);
    }
    for (const auto& [range, route] : desired_) plan_.replace.push_back(route);
    std::ranges::sort(plan_.tunnels, {}, &Tunnel::range);
    return std::move(plan_);
  }

 private:
  // Why `range` cannot be its node's, or empty.
  std::string owner_of_overlap(const Cidr& range) const {
    for (const auto& [other, name] : owners_)
      if (overlap(other, range)) return fmt::format("overlaps a pod range of node {}", name);
    return "";
  }

  bool is_direct(const IpAddress& address) const {
    if (fabric_.overlay == OverlayMode::kAlways) return false;
    return std::ranges::any_of(fabric_.segments,
                               [&](const Cidr& segment) { return segment.contains(address); });
  }

  // IPv4 on the wire if both have it: its header is the shorter.
  std::optional<Tunnel> tunnel_to(const PeerNode& peer, const Cidr& range) const {
    if (fabric_.overlay == OverlayMode::kNever) return std::nullopt;
    for (const bool v4 : {true, false}) {
      const IpAddress* remote = address_of(peer, v4);
      const IpAddress* local = address_of(self_, v4);
      if (remote != nullptr && local != nullptr) return Tunnel{range, *remote, *local};
    }
    return std::nullopt;
  }

  net::Route overlay_route(const Cidr& range) const {
    net::Route route{.destination = range,
                     .via = gateway_of(range.base()),
                     .link_index = fabric_.overlay_index,
                     .on_link = true};
    if (const IpAddress* own = address_of(self_, range.is_v4())) route.source = *own;
    return route;
  }

  // Empty, or why there is no way.
  std::string lead_to(const PeerNode& peer, const Cidr& range) {
    const IpAddress* via = address_of(peer, range.is_v4());
    if (via != nullptr && is_direct(*via)) {
      desired_.emplace(range, net::Route{.destination = range, .via = *via});
      if (const auto tunnel = tunnel_to(peer, range); fabric_.carries_clients && tunnel) {
        plan_.tunnels.push_back(*tunnel);
        plan_.tunnels.back().routed = true;
      }
    } else if (const auto tunnel = tunnel_to(peer, range)) {
      plan_.tunnels.push_back(*tunnel);
      desired_.emplace(range, overlay_route(range));
    } else if (via == nullptr) {
      return fmt::format("node {} has no IPv{} InternalIP", peer.name, range.is_v4() ? 4 : 6);
    } else {
      return fmt::format("node {} is on another segment{}", peer.name,
                         fabric_.overlay == OverlayMode::kNever ? " and the overlay is off"
                                                                : ", out of the overlay's reach");
    }
    owners_.emplace(range, peer.name);
    return "";
  }

  const PeerNode& self_;
  const Fabric& fabric_;
  std::map<Cidr, std::string> owners_;
  std::map<Cidr, net::Route> desired_;
  RoutePlan plan_;
};

}  // namespace

RoutePlan plan_routes(std::span<const PeerNode> nodes, const PeerNode& self, const Fabric& fabric,
                      std::span<const net::Route> observed) {
  Planner planner(self, fabric);
  std::vector<const PeerNode*> peers;
  for (const PeerNode& node : nodes)
    if (node.name != self.name) peers.push_back(&node);
  std::ranges::sort(peers, {}, &PeerNode::name);
  for (const PeerNode* peer : peers) planner.add(*peer);
  return planner.finish(observed);
}

Status apply(net::Netlink& netlink, const RoutePlan& plan) {
  Status first = absl::OkStatus();
  // Removals first: a range that moved to another node under a longer prefix is never routed twice.
  for (const net::Route& route : plan.remove) first.Update(net::delete_route(netlink, route));
  for (const net::Route& route : plan.replace) first.Update(net::replace_route(netlink, route));
  return first;
}

}  // namespace skiff::network
