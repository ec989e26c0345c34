// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/live_network.h"

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/neighbour.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"

namespace skiff::testing {

namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

datapath::MacAddress mac(int host, int side) {
  return {0x02, 0, 0, 9, static_cast<uint8_t>(host), static_cast<uint8_t>(side)};
}

const IpAddress kNode4 = ip("10.89.0.2"), kNode6 = ip("fd00:10:89::2");

// Inside: everything goes through the gateway, whose MAC is known.
Status configure_inside(const Host& host, int number) {
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  RETURN_IF_ERROR(net::set_up(netlink, "lo"));
  RETURN_IF_ERROR(net::set_up(netlink, "eth0"));
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, "eth0"));
  for (const bool v4 : {true, false}) {
    const IpAddress gateway = v4 ? ip("169.254.1.1") : ip("fe80::1");
    RETURN_IF_ERROR(
        net::add_address(netlink, link.index, net::InterfaceAddress::host(host.address(v4))));
    RETURN_IF_ERROR(net::replace_neighbour(netlink, link.index, gateway, mac(number, 0)));
    RETURN_IF_ERROR(
        net::replace_route(netlink, {.destination = Cidr(v4 ? IpAddress::v4(0) : IpAddress(), 0),
                                     .via = gateway,
                                     .link_index = link.index,
                                     .on_link = true}));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LiveNetwork>> LiveNetwork::create() {
  std::unique_ptr<LiveNetwork> network(new LiveNetwork);
  RETURN_IF_ERROR(network->build(), "build network");
  return network;
}

LiveNetwork::~LiveNetwork() {
  auto netlink = net::Netlink::open();
  if (!netlink.ok()) return;
  for (const char* name : {"eth0", "pod0", "pod1"}) (void)net::delete_link(*netlink, name);
}

IpAddress LiveNetwork::node_address(bool v4) const {
  return v4 ? kNode4 : kNode6;
}
datapath::MacAddress LiveNetwork::gateway_mac(int pod) const {
  return mac(pod, 0);
}
datapath::MacAddress LiveNetwork::pod_mac(int pod) const {
  return mac(pod, 1);
}

Status LiveNetwork::build() {
  ASSIGN_OR_RETURN(auto node, net::Netns::current());
  node_ = std::make_unique<net::Netns>(std::move(node));
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  RETURN_IF_ERROR(net::set_up(netlink, "lo"));
  RETURN_IF_ERROR(net::write_sysctl("ipv4/ip_forward", "1"));
  RETURN_IF_ERROR(net::write_sysctl("ipv6/conf/all/forwarding", "1"));
  const auto make = [&](std::unique_ptr<Host>& host, const char* name, const char* v4,
                        const char* v6, const char* link, int number) -> Status {
    ASSIGN_OR_RETURN(auto netns, net::Netns::create_anonymous());
    host = std::make_unique<Host>(
        Host{.name = name, .netns = std::move(netns), .v4 = ip(v4), .v6 = ip(v6)});
    return annotate(add_host(*host, link, number), name);
  };
  RETURN_IF_ERROR(make(pods_[0], "pod0", "10.244.0.5", "fd00:10:244::5", "pod0", 0));
  RETURN_IF_ERROR(make(pods_[1], "pod1", "10.244.0.6", "fd00:10:244::6", "pod1", 1));
  RETURN_IF_ERROR(make(outside_, "outside", "10.89.0.1", "fd00:10:89::1", "eth0", 2));
  ASSIGN_OR_RETURN(const net::Link eth0, net::get_link(netlink, "eth0"));
  RETURN_IF_ERROR(net::add_address(netlink, eth0.index, {kNode4, 24}));
  RETURN_IF_ERROR(net::add_address(netlink, eth0.index, {kNode6, 64}));
  // ClusterIPs need a route to reach the hook of a device at all.
  RETURN_IF_ERROR(net::replace_route(
      netlink, {.destination = Cidr(IpAddress::v4(0), 0), .via = ip("10.89.0.1")}));
  return net::replace_route(netlink,
                            {.destination = Cidr(IpAddress(), 0), .via = ip("fd00:10:89::1")});
}

Status LiveNetwork::add_host(Host& host, const std::string& link, int number) {
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  RETURN_IF_ERROR(net::create_veth(
      netlink, {.end = {.name = link, .mac = mac(number, 0)},
                .peer = {.name = "eth0", .mac = mac(number, 1), .netns = &host.netns},
                .mtu = 1500}));
  RETURN_IF_ERROR(net::set_up(netlink, link));
  ASSIGN_OR_RETURN(const net::Link ours, net::get_link(netlink, link));
  host.ifindex = ours.index;
  RETURN_IF_ERROR(host.netns.run([&] { return configure_inside(host, number); }));
  for (const bool v4 : {true, false}) {
    const IpAddress& address = host.address(v4);
    RETURN_IF_ERROR(net::replace_route(
        netlink, {.destination = Cidr(address, v4 ? 32 : 128), .link_index = ours.index}));
    RETURN_IF_ERROR(net::replace_neighbour(netlink, ours.index, address, mac(number, 1)));
  }
  return {};
}

Status LiveNetwork::attach(datapath::Datapath& datapath) const {
  const IpAddress local[] = {kNode4, kNode6};
  const Cidr pods[] = {Cidr(ip("10.244.0.0"), 16), Cidr(ip("fd00:10:244::"), 56)};
  const Cidr services[] = {Cidr(ip("10.96.0.0"), 16), Cidr(ip("fd00:10:96::"), 112)};
  RETURN_IF_ERROR(datapath.set_nodes(local, {}));
  RETURN_IF_ERROR(datapath.set_ranges(pods, services));
  for (int i = 0; i < 2; ++i) {
    RETURN_IF_ERROR(datapath.attach_pod({.ifindex = pods_[i]->ifindex,
                                         .addresses = {pods_[i]->v4, pods_[i]->v6},
                                         .mac = pod_mac(i),
                                         .gateway_mac = gateway_mac(i)}));
  }
  return datapath.attach_device(outside_->ifindex, {.v4 = kNode4, .v6 = kNode6});
}

}  // namespace skiff::testing
