// SPDX-License-Identifier: Apache-2.0
#include "cli/local/network.h"

#include <algorithm>
#include <vector>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/netlink.h"
#include "agent/net/netns.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"

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
Status create_bridge(net::Netlink& netlink, const Segment& segment) {
  RETURN_IF_ERROR(net::create_bridge(netlink, segment.bridge), "bridge {}", segment.bridge);
  // Else the bridge takes the lowest address of its ports, and changes it with them.
  RETURN_IF_ERROR(net::set_mac(netlink, segment.bridge, net::mac_from_seed(segment.bridge)));
  RETURN_IF_ERROR(net::set_up(netlink, segment.bridge));
  return add_addresses(netlink, segment.bridge, segment.bridge_ips, segment.ranges);
}

// A veth pair from a bridge into a namespace, up and with addresses.
Status plug(net::Netlink& host, const net::Netns& netns, const Segment& segment,
            const std::string& veth, const std::string& inner, const std::vector<IpAddress>& ips) {
  RETURN_IF_ERROR(net::create_veth(
      host, {.end = {.name = veth, .mac = std::nullopt, .netns = nullptr},
             .peer = {.name = inner, .mac = net::mac_from_seed(veth), .netns = &netns},
             .mtu = 0}));
  RETURN_IF_ERROR(net::set_master(host, veth, segment.bridge));
  RETURN_IF_ERROR(net::set_up(host, veth));
  ASSIGN_OR_RETURN(net::Netlink inside, net::Netlink::open_in(netns));
  RETURN_IF_ERROR(net::set_up(inside, "lo"));
  RETURN_IF_ERROR(net::set_up(inside, inner));
  return add_addresses(inside, inner, ips, segment.ranges);
}

Status forward() {
  RETURN_IF_ERROR(net::write_sysctl("ipv4/ip_forward", "1"));
  const Status v6 = net::write_sysctl("ipv6/conf/all/forwarding", "1");
  return v6.code() == StatusCode::kNotFound ? absl::OkStatus() : v6;
}

// A namespace of its own: whether the machine itself forwards is the machine's affair.
Status create_router(net::Netlink& host, const Layout& layout) {
  ASSIGN_OR_RETURN(net::Netns netns, net::Netns::create_named(layout.router_netns));
  RETURN_IF_ERROR(netns.run(forward));
  for (size_t i = 0; i < layout.segments.size(); ++i) {
    const Segment& segment = layout.segments[i];
    RETURN_IF_ERROR(plug(host, netns, segment, segment.router_veth, fmt::format("leg{}", i),
                         segment.router_ips),
                    "leg on {}", segment.bridge);
  }
  return absl::OkStatus();
}

Status add_route(net::Netlink& netlink, const Cidr& destination, const IpAddress& via) {
  return net::replace_route(
      netlink, {.destination = destination, .via = via, .protocol = net::kProtocolStatic});
}

// Other segments by the router; the machine itself is on every segment.
Status route_segments(net::Netlink& netlink, const Layout& layout, const NodeLayout& node) {
  const Segment& own = layout.segments[node.segment];
  for (const Segment& other : layout.segments) {
    if (&other == &own) continue;
    for (size_t i = 0; i < own.ranges.size(); ++i) {
      const IpAddress& machine = other.bridge_ips[i];
      RETURN_IF_ERROR(add_route(netlink, other.ranges[i], own.router_ips[i]));
      RETURN_IF_ERROR(
          add_route(netlink, Cidr(machine, machine.is_v4() ? 32 : 128), own.bridge_ips[i]));
    }
  }
  return absl::OkStatus();
}

// A process of the node outside its control groups finds Services by its packets alone: they must
// get as far as the device, whose programs know better than the route.
Status route_services(net::Netlink& netlink, const Layout& layout, const NodeLayout& node) {
  for (size_t i = 0; i < layout.service_ranges.size(); ++i) {
    RETURN_IF_ERROR(
        add_route(netlink, layout.service_ranges[i], layout.segments[node.segment].bridge_ips[i]));
  }
  return absl::OkStatus();
}

Status create_node(net::Netlink& host, const Layout& layout, const NodeLayout& node) {
  ASSIGN_OR_RETURN(net::Netns netns, net::Netns::create_named(node.netns));
  RETURN_IF_ERROR(plug(host, netns, layout.segments[node.segment], node.veth, "eth0", node.ips));
  ASSIGN_OR_RETURN(net::Netlink inside, net::Netlink::open_in(netns));
  RETURN_IF_ERROR(route_segments(inside, layout, node), "routes to other segments");
  return route_services(inside, layout, node);
}

Status remove_link(net::Netlink& netlink, const std::string& name) {
  const Status removed = net::delete_link(netlink, name);
  return removed.code() == StatusCode::kNotFound ? absl::OkStatus() : removed;
}

bool overlap(const Cidr& a, const Cidr& b) {
  return a.is_v4() == b.is_v4() && (a.contains(b.base()) || b.contains(a.base()));
}

}  // namespace

Status create_network(const Layout& layout) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  for (const Segment& segment : layout.segments) RETURN_IF_ERROR(create_bridge(netlink, segment));
  if (layout.segments.size() > 1) RETURN_IF_ERROR(create_router(netlink, layout), "router");
  for (const NodeLayout& node : layout.nodes) {
    RETURN_IF_ERROR(create_node(netlink, layout, node), "network of {}", node.name);
  }
  return absl::OkStatus();
}

Status remove_network(const Layout& layout) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  for (const NodeLayout& node : layout.nodes) {
    RETURN_IF_ERROR(remove_link(netlink, node.veth));  // its other end goes with it
    RETURN_IF_ERROR(net::Netns::remove_named(node.netns));
  }
  for (const Segment& segment : layout.segments) {
    RETURN_IF_ERROR(remove_link(netlink, segment.router_veth));
    RETURN_IF_ERROR(remove_link(netlink, segment.bridge));
  }
  return net::Netns::remove_named(layout.router_netns);
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
