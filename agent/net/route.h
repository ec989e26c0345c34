// SPDX-License-Identifier: Apache-2.0
// Routes, IPv4 and IPv6 alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/net/netlink.h"
#include "base/ip.h"

namespace skiff::net {

enum class RouteKind : uint8_t { kUnicast, kLocal, kUnreachable, kBlackhole, kProhibit };

// Who put a route there. 143 is free in the kernel's and iproute2's registries: the routes of
// skiff, and no other, carry it.
inline constexpr uint8_t kProtocolKernel = 2;
inline constexpr uint8_t kProtocolStatic = 4;
inline constexpr uint8_t kProtocolSkiff = 143;
inline constexpr uint32_t kMainTable = 254;

struct Route {
  Cidr destination;  // 0.0.0.0/0 or ::/0 for the default route
  RouteKind kind = RouteKind::kUnicast;
  std::optional<IpAddress> via;     // same family as `destination`
  int link_index = 0;               // 0: the kernel finds it from `via`
  std::optional<IpAddress> source;  // preferred source address
  bool on_link = false;             // `via` is reachable on the link although no route says so
  uint8_t protocol = kProtocolSkiff;
  uint32_t table = kMainTable;
  uint32_t metric = 0;  // 0: the kernel's default

  std::string to_string() const;
  bool operator==(const Route&) const = default;
};

struct RouteFilter {
  std::optional<uint8_t> protocol;
  std::optional<int> link_index;
  uint32_t table = kMainTable;
};

// Creates, or takes the place of the route with the same destination, table and metric.
Status replace_route(Netlink& netlink, const Route& route);
// Deleting a route that is not there succeeds.
Status delete_route(Netlink& netlink, const Route& route);
// Both families. Multipath routes appear with their first hop.
Result<std::vector<Route>> list_routes(Netlink& netlink, const RouteFilter& filter);
// The route a packet to `destination` would take now.
Result<Route> lookup_route(Netlink& netlink, const IpAddress& destination);
// The ranges that the node's devices are in: what is in one of them is reached without a router.
Result<std::vector<Cidr>> list_segments(Netlink& netlink);
// The device of the default route with the lowest metric: the way out of this node. IPv4 first.
Result<int> find_uplink(Netlink& netlink);

}  // namespace skiff::net
