// SPDX-License-Identifier: Apache-2.0
#include "agent/network/routes.h"

#include <algorithm>
#include <map>

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
         wanted.via == present.via;
}

using Desired = std::map<Cidr, net::Route>;

// The node whose range `range` runs into, or empty.
std::string owner_of_overlap(const std::map<Cidr, std::string>& owners, const Cidr& range) {
  for (const auto& [other, name] : owners)
    if (overlap(other, range)) return name;
  return "";
}

void add_peer(const PeerNode& peer, std::map<Cidr, std::string>& owners, Desired& desired,
              RoutePlan& plan) {
  for (const Cidr& range : peer.pod_ranges) {
    if (const std::string owner = owner_of_overlap(owners, range); !owner.empty()) {
      plan.skipped.push_back(
          {peer.name, range, fmt::format("overlaps a pod range of node {}", owner)});
      continue;
    }
    const auto via = std::ranges::find_if(
        peer.addresses, [&](const IpAddress& ip) { return ip.is_v4() == range.is_v4(); });
    if (via == peer.addresses.end()) {
      plan.skipped.push_back(
          {peer.name, range,
           fmt::format("node {} has no IPv{} InternalIP", peer.name, range.is_v4() ? 4 : 6)});
      continue;
    }
    owners.emplace(range, peer.name);
    desired.emplace(range, net::Route{.destination = range, .via = *via});
  }
}

}  // namespace

RoutePlan plan_routes(std::span<const PeerNode> nodes, const PeerNode& self,
                      std::span<const net::Route> observed) {
  RoutePlan plan;
  Desired desired;
  std::map<Cidr, std::string> owners;
  for (const Cidr& range : self.pod_ranges) {
    owners.emplace(range, self.name);
    desired.emplace(range, net::Route{.destination = range, .kind = net::RouteKind::kUnreachable});
  }
  std::vector<const PeerNode*> peers;
  for (const PeerNode& node : nodes)
    if (node.name != self.name) peers.push_back(&node);
  std::ranges::sort(peers, {}, &PeerNode::name);
  for (const PeerNode* peer : peers) add_peer(*peer, owners, desired, plan);

  for (const net::Route& present : observed) {
    if (is_pod_route(present)) continue;
    const auto wanted = desired.find(present.destination);
    if (wanted == desired.end())
      plan.remove.push_back(present);
    else if (same_route(wanted->second, present))
      desired.erase(wanted);
  }
  for (const auto& [range, route] : desired) plan.replace.push_back(route);
  return plan;
}

Status apply(net::Netlink& netlink, const RoutePlan& plan) {
  Status first = absl::OkStatus();
  // Removals first: a range that moved to another node under a longer prefix is never routed twice.
  for (const net::Route& route : plan.remove) first.Update(net::delete_route(netlink, route));
  for (const net::Route& route : plan.replace) first.Update(net::replace_route(netlink, route));
  return first;
}

}  // namespace skiff::network
