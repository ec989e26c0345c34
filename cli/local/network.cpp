// SPDX-License-Identifier: Apache-2.0
#include "cli/local/network.h"

#include <algorithm>
#include <vector>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/netlink.h"
#include "agent/net/netns.h"
#include "agent/net/route.h"

namespace skiff::cli {
namespace {

constexpr int kMaxIndex = 255;

Status add_addresses(net::Netlink& netlink, const std::string& link,
                     const std::vector<IpAddress>& ips, const std::vector<Cidr>& ranges) {
  ASSIGN_OR_RETURN(net::Link found, net::get_link(netlink, link));
  for (size_t i = 0; i < ips.size(); ++i) {
    RETURN_IF_ERROR(net::add_address(netlink, found.index, {ips[i], ranges[i].prefix()}));
  }
  return absl::OkStatus();
}

// Frames appear on the port at once: without spanning tree there is nothing to learn first.
Status create_bridge(net::Netlink& netlink, const Layout& layout) {
  RETURN_IF_ERROR(net::create_bridge(netlink, layout.bridge), "bridge {}", layout.bridge);
  // Else the bridge takes the lowest address of its ports, and changes it with them.
  RETURN_IF_ERROR(net::set_mac(netlink, layout.bridge, net::mac_from_seed(layout.bridge)));
  RETURN_IF_ERROR(net::set_up(netlink, layout.bridge));
  return add_addresses(netlink, layout.bridge, layout.bridge_ips, layout.node_ranges);
}

// A process of the node outside its control groups finds Services by its packets alone: they must
// get as far as the device, whose programs know better than the route.
Status route_services(net::Netlink& netlink, const Layout& layout) {
  for (size_t i = 0; i < layout.service_ranges.size(); ++i) {
    RETURN_IF_ERROR(net::replace_route(netlink, {.destination = layout.service_ranges[i],
                                                 .via = layout.bridge_ips[i],
                                                 .protocol = net::kProtocolStatic}));
  }
  return absl::OkStatus();
}

Status create_node(net::Netlink& host, const Layout& layout, const NodeLayout& node) {
  ASSIGN_OR_RETURN(net::Netns netns, net::Netns::create_named(node.netns));
  RETURN_IF_ERROR(net::create_veth(
      host, {.end = {.name = node.veth, .mac = std::nullopt, .netns = nullptr},
             .peer = {.name = "eth0", .mac = net::mac_from_seed(node.netns), .netns = &netns},
             .mtu = 0}));
  RETURN_IF_ERROR(net::set_master(host, node.veth, layout.bridge));
  RETURN_IF_ERROR(net::set_up(host, node.veth));
  ASSIGN_OR_RETURN(net::Netlink inside, net::Netlink::open_in(netns));
  RETURN_IF_ERROR(net::set_up(inside, "lo"));
  RETURN_IF_ERROR(net::set_up(inside, "eth0"));
  RETURN_IF_ERROR(add_addresses(inside, "eth0", node.ips, layout.node_ranges));
  return route_services(inside, layout);
}

bool overlap(const Cidr& a, const Cidr& b) {
  return a.is_v4() == b.is_v4() && (a.contains(b.base()) || b.contains(a.base()));
}

}  // namespace

Status create_network(const Layout& layout) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(create_bridge(netlink, layout));
  for (const NodeLayout& node : layout.nodes) {
    RETURN_IF_ERROR(create_node(netlink, layout, node), "network of {}", node.name);
  }
  return absl::OkStatus();
}

Status remove_network(const Layout& layout) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  for (const NodeLayout& node : layout.nodes) {
    Status removed = net::delete_link(netlink, node.veth);  // its other end goes with it
    if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
    RETURN_IF_ERROR(net::Netns::remove_named(node.netns));
  }
  Status removed = net::delete_link(netlink, layout.bridge);
  return removed.code() == StatusCode::kNotFound ? absl::OkStatus() : removed;
}

Result<int> free_index() {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(auto routes, net::list_routes(netlink, {}));
  for (int index = 0; index <= kMaxIndex; ++index) {
    const Cidr range = make_layout({.index = index}).node_ranges.front();
    const bool taken = std::any_of(routes.begin(), routes.end(), [&](const net::Route& route) {
      return route.destination.prefix() != 0 && overlap(route.destination, range);
    });
    if (!taken) return index;
  }
  return resource_exhausted("10.89.0.0/16 is all taken on this machine");
}

}  // namespace skiff::cli
