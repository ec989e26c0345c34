// SPDX-License-Identifier: Apache-2.0
#include "agent/network/pod_link.h"

#include "agent/net/address.h"
#include "agent/net/neighbour.h"
#include "agent/net/netns.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"

namespace skiff::network {
namespace {

const IpAddress kGatewayV4 = IpAddress::v4(0xa9fe0101);  // 169.254.1.1
const IpAddress kGatewayV6 = *IpAddress::parse("fe80::1");
const Cidr kDefaultV4(IpAddress::v4(0), 0);
const Cidr kDefaultV6(IpAddress(), 0);

Cidr host_cidr(const IpAddress& ip) {
  return Cidr(ip, ip.is_v4() ? 32 : 128);
}

bool has_v6(const Attachment& attachment) {
  return std::ranges::any_of(attachment.addresses, [](const IpAddress& ip) { return !ip.is_v4(); });
}

// IPv6 may be off in the kernel; that matters only to pods that have an IPv6 address.
Status write_v6_sysctl(const Attachment& attachment, const std::string& key,
                       std::string_view value) {
  const Status status = net::write_sysctl("ipv6/conf/" + key, value);
  return status.code() == StatusCode::kNotFound && !has_v6(attachment) ? absl::OkStatus() : status;
}

net::Route pod_default_route(const IpAddress& address, int pod_index) {
  return {.destination = address.is_v4() ? kDefaultV4 : kDefaultV6,
          .via = gateway_of(address),
          .link_index = pod_index,
          .on_link = true,
          .protocol = net::kProtocolStatic};
}

net::Route host_route(const Attachment& attachment, const IpAddress& address) {
  return {.destination = host_cidr(address), .link_index = attachment.host_index};
}

// Runs inside the pod's namespace.
Status program_pod_end(const Attachment& a) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(net::set_up(netlink, "lo"));
  RETURN_IF_ERROR(write_v6_sysctl(a, a.interface + "/accept_ra", "0"));
  if (has_v6(a)) RETURN_IF_ERROR(write_v6_sysctl(a, a.interface + "/disable_ipv6", "0"));
  for (const IpAddress& address : a.addresses)
    RETURN_IF_ERROR(net::add_address(netlink, a.pod_index, net::InterfaceAddress::host(address)));
  RETURN_IF_ERROR(net::set_up(netlink, a.interface));
  for (const IpAddress& address : a.addresses) {
    RETURN_IF_ERROR(net::replace_neighbour(netlink, a.pod_index, gateway_of(address), a.host_mac));
    RETURN_IF_ERROR(net::replace_route(netlink, pod_default_route(address, a.pod_index)));
  }
  return absl::OkStatus();
}

Result<bool> has_link(net::Netlink& netlink, const std::string& name, const net::MacAddress& mac) {
  const auto link = net::get_link(netlink, name);
  if (link.status().code() == StatusCode::kNotFound) return false;
  if (!link.ok()) return link.status();
  return link->mac == mac;
}

Status check_link(net::Netlink& netlink, const std::string& name, const net::MacAddress& mac) {
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, name));
  if (!link.up) return failed_precondition("link {} is down", name);
  if (link.mac != mac)
    return failed_precondition("link {} has address {}, not {}", name, net::to_string(link.mac),
                               net::to_string(mac));
  return absl::OkStatus();
}

Status check_routes(net::Netlink& netlink, int link_index, const std::vector<net::Route>& wanted) {
  ASSIGN_OR_RETURN(const auto routes, net::list_routes(netlink, {.link_index = link_index}));
  for (const net::Route& route : wanted)
    if (std::ranges::none_of(routes, [&](const net::Route& present) {
          return present.destination == route.destination && present.via == route.via;
        }))
      return not_found("route {}: missing", route.to_string());
  return absl::OkStatus();
}

// Runs inside the pod's namespace.
Status check_pod_end(const Attachment& a) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(check_link(netlink, a.interface, a.pod_mac));
  ASSIGN_OR_RETURN(const auto present, net::list_addresses(netlink, a.pod_index));
  std::vector<net::Route> routes;
  for (const IpAddress& address : a.addresses) {
    if (std::ranges::find(present, net::InterfaceAddress::host(address)) == present.end())
      return not_found("address {} of {}: missing", address.to_string(), a.interface);
    routes.push_back(pod_default_route(address, a.pod_index));
  }
  return check_routes(netlink, a.pod_index, routes);
}

}  // namespace

IpAddress gateway_of(const IpAddress& pod_address) {
  return pod_address.is_v4() ? kGatewayV4 : kGatewayV6;
}

Status create_pod_link(Attachment& a) {
  ASSIGN_OR_RETURN(const net::Netns pod, net::Netns::open(a.netns));
  ASSIGN_OR_RETURN(const net::Netns own, net::Netns::current());
  if (pod.same_as(own)) return invalid_argument("netns {} is the node's own", a.netns);
  ASSIGN_OR_RETURN(net::Netlink host, net::Netlink::open());
  RETURN_IF_ERROR(
      net::create_veth(host, {.end = {.name = a.host_interface, .mac = a.host_mac},
                              .peer = {.name = a.interface, .mac = a.pod_mac, .netns = &pod},
                              .mtu = a.mtu}));
  const auto link = net::get_link(host, a.host_interface);
  if (!link.ok()) {
    (void)net::delete_link(host, a.host_interface);
    return link.status();
  }
  a.host_index = link->index;
  a.pod_index = link->peer_index;
  return absl::OkStatus();
}

Status program_pod_link(const Attachment& a) {
  ASSIGN_OR_RETURN(const net::Netns pod, net::Netns::open(a.netns));
  RETURN_IF_ERROR(program_host_end(a));
  RETURN_IF_ERROR(pod.run([&] { return program_pod_end(a); }), "in pod");
  return absl::OkStatus();
}

Status program_host_end(const Attachment& a) {
  const std::string& name = a.host_interface;
  // Replies of a Service carry its address as their source, to which no route may lead.
  RETURN_IF_ERROR(net::write_sysctl(fmt::format("ipv4/conf/{}/rp_filter", name), "0"));
  // A pod must not reconfigure its node by router advertisements.
  RETURN_IF_ERROR(write_v6_sysctl(a, name + "/accept_ra", "0"));
  // No address of its own: saves duplicate detection and multicast reports at every start of a pod.
  RETURN_IF_ERROR(write_v6_sysctl(a, name + "/addr_gen_mode", "1"));
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(net::set_up(netlink, name));
  for (const IpAddress& address : a.addresses) {
    RETURN_IF_ERROR(net::replace_neighbour(netlink, a.host_index, address, a.pod_mac));
    RETURN_IF_ERROR(net::replace_route(netlink, host_route(a, address)));
  }
  return absl::OkStatus();
}

Status set_pod_link_mtu(const Attachment& a) {
  ASSIGN_OR_RETURN(net::Netlink host, net::Netlink::open());
  const Status node_end = net::set_mtu(host, a.host_interface, a.mtu);
  if (node_end.code() == StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(node_end);
  const auto pod = net::Netns::open(a.netns);
  if (pod.status().code() == StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(pod);
  return pod->run([&]() -> Status {
    ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
    return net::set_mtu(netlink, a.interface, a.mtu);
  });
}

Status check_pod_link(const Attachment& a) {
  ASSIGN_OR_RETURN(net::Netlink host, net::Netlink::open());
  RETURN_IF_ERROR(check_link(host, a.host_interface, a.host_mac));
  std::vector<net::Route> routes;
  for (const IpAddress& address : a.addresses) routes.push_back(host_route(a, address));
  RETURN_IF_ERROR(check_routes(host, a.host_index, routes));
  ASSIGN_OR_RETURN(const net::Netns pod, net::Netns::open(a.netns));
  RETURN_IF_ERROR(pod.run([&] { return check_pod_end(a); }), "in pod");
  return absl::OkStatus();
}

Status remove_pod_link(const std::string& host_interface, const net::MacAddress& host_mac) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const bool present, has_link(netlink, host_interface, host_mac));
  if (!present) return absl::OkStatus();
  const Status status = net::delete_link(netlink, host_interface);
  // The pod's namespace may have gone meanwhile, and the pair with it.
  return status.code() == StatusCode::kNotFound ? absl::OkStatus() : status;
}

Result<bool> has_pod_link(const Attachment& a) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  return has_link(netlink, a.host_interface, a.host_mac);
}

}  // namespace skiff::network
