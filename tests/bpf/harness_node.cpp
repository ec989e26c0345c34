// SPDX-License-Identifier: Apache-2.0
// What surrounds the programs: devices, routes, neighbours, and who else is in the cluster.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/neighbour.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"
#include "agent/net/vxlan.h"
#include "tests/bpf/harness.h"

namespace skiff::testing {

namespace {

constexpr uint32_t kMtu = 1500, kOverlayMtu = 1450;
constexpr const char* kOverlayLink = "vxlan-skiff";

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}
Cidr cidr(std::string_view text) {
  return Cidr::parse(text).value();
}

Result<int> make_veth(net::Netlink& netlink, const char* name, const datapath::MacAddress& mac) {
  const std::string peer = fmt::format("{}p", name);
  RETURN_IF_ERROR(net::create_veth(
      netlink, {.end = {.name = name, .mac = mac}, .peer = {.name = peer}, .mtu = kMtu}));
  RETURN_IF_ERROR(net::set_up(netlink, name));
  RETURN_IF_ERROR(net::set_up(netlink, peer));
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, name));
  return link.index;
}

Result<int> make_overlay(net::Netlink& netlink) {
  RETURN_IF_ERROR(net::create_vxlan(netlink, {.name = kOverlayLink, .mtu = kOverlayMtu}));
  RETURN_IF_ERROR(net::set_up(netlink, kOverlayLink));
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, kOverlayLink));
  return link.index;
}

Cidr pods_of(int number, bool v4) {
  return cidr(
      fmt::format("{}{}{}", v4 ? "10.244." : "fd00:10:244:", number, v4 ? ".0/24" : "::/64"));
}

// The kernel tells of its multicast groups when a device comes up, and again at random or once an
// address is known to be its own: those reports leave by the devices under test and are counted
// like a frame of a test. From here on they are told once, before there are programs.
Status quiet_devices() {
  RETURN_IF_ERROR(net::write_sysctl("ipv6/conf/default/accept_dad", "0"));
  return net::write_sysctl("ipv6/conf/default/mldv2_unsolicited_report_interval", "3600000");
}

}  // namespace

datapath::MacAddress Harness::mac(datapath::MacAddress of_first) const {
  of_first[1] = static_cast<uint8_t>(number_);
  return of_first;
}

IpAddress Harness::node_address(bool v4) const {
  return ip(fmt::format("{}{}", v4 ? "10.89.0." : "fd00:10:89::", 2 + number_));
}

IpAddress Harness::pod_address(int pod, bool v4) const {
  const int last = 5 + 2 * number_ + pod;
  if (v4) return ip(fmt::format("10.244.{}.{}", number_, last));
  return ip(number_ == 0 ? fmt::format("fd00:10:244::{}", last)
                         : fmt::format("fd00:10:244:{}::{}", number_, last));
}

Status Harness::build_network() {
  RETURN_IF_ERROR(quiet_devices());
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(device_ifindex_, make_veth(netlink, "eth0", mac(kDeviceMac)));
  ASSIGN_OR_RETURN(pod_ifindex_[0], make_veth(netlink, "pod0", mac(kPodGatewayMac)));
  ASSIGN_OR_RETURN(pod_ifindex_[1], make_veth(netlink, "pod1", mac(kOtherPodGatewayMac)));
  ASSIGN_OR_RETURN(overlay_ifindex_, make_overlay(netlink));
  RETURN_IF_ERROR(add_routes());
  RETURN_IF_ERROR(net::write_sysctl("ipv4/ip_forward", "1"));
  return net::write_sysctl("ipv6/conf/all/forwarding", "1");
}

Status Harness::add_routes() {
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  for (const bool v4 : {true, false}) {
    const IpAddress router = ip(v4 ? "10.89.0.1" : "fd00:10:89::1");
    const IpAddress zero = v4 ? IpAddress::v4(0) : IpAddress();
    const uint8_t prefix = v4 ? 24 : 64, whole = v4 ? 32 : 128;
    RETURN_IF_ERROR(net::add_address(netlink, device_ifindex_, {node_address(v4), prefix}));
    RETURN_IF_ERROR(net::replace_route(netlink, {.destination = Cidr(zero, 0), .via = router}));
    RETURN_IF_ERROR(net::replace_neighbour(netlink, device_ifindex_, router, kRouterMac));
    const IpAddress dns = ip(v4 ? "10.96.0.10" : "fd00:10:96::a");
    RETURN_IF_ERROR(net::add_address(netlink, device_ifindex_, {dns, whole}));
    RETURN_IF_ERROR(net::replace_route(
        netlink, {.destination = pods_of(9, v4), .kind = net::RouteKind::kUnreachable}));
  }
  return {};
}

Status Harness::load_programs() {
  const IpAddress local[] = {node_address(true), node_address(false)};
  const int other = 1 - number_;
  const IpAddress others[] = {ip(fmt::format("10.89.0.{}", 2 + other)),
                              ip(fmt::format("fd00:10:89::{}", 2 + other)), ip("10.90.0.3"),
                              ip("fd00:10:90::4")};
  const Cidr pods[] = {cidr("10.244.0.0/16"), cidr("fd00:10:244::/56"), cidr("10.96.0.10/32"),
                       cidr("fd00:10:96::a/128")};
  const Cidr services[] = {cidr("10.96.0.0/16"), cidr("fd00:10:96::/112")};
  RETURN_IF_ERROR(datapath_->set_nodes(local, others));
  RETURN_IF_ERROR(datapath_->set_ranges(pods, services));
  RETURN_IF_ERROR(datapath_->attach_device(device_ifindex_, {.v4 = local[0], .v6 = local[1]}));
  for (const int pod : {0, 1}) RETURN_IF_ERROR(attach_pod(pod, {}));
  RETURN_IF_ERROR(put_peers({}));
  return take_programs();
}

Status Harness::attach_pod(int pod, const datapath::PodLimits& limits) {
  return datapath_->attach_pod({.ifindex = pod_ifindex_[pod],
                                .addresses = {pod_address(pod, true), pod_address(pod, false)},
                                .mac = mac(pod == 0 ? kPodMac : kOtherPodMac),
                                .gateway_mac = mac(pod == 0 ? kPodGatewayMac : kOtherPodGatewayMac),
                                .identity = static_cast<uint32_t>(5 + 2 * number_ + pod),
                                .limits = limits});
}

Status Harness::limit_pod(const datapath::PodLimits& limits) {
  limited_ = true;
  RETURN_IF_ERROR(enter());
  RETURN_IF_ERROR(attach_pod(0, {}));  // clocks begin anew
  return attach_pod(0, limits);
}

// What lies across in every table, and `more`.
Status Harness::put_peers(std::vector<datapath::OverlayPeer> more) {
  const auto add = [&](const Cidr& range, const IpAddress& remote) {
    more.push_back({.range = range, .remote = remote, .local = node_address(remote.is_v4())});
  };
  add(pods_of(8, true), ip("10.90.0.3"));
  add(pods_of(8, false), ip("10.90.0.3"));
  add(cidr("10.90.0.3/32"), ip("10.90.0.3"));
  add(pods_of(7, true), ip("fd00:10:90::4"));
  add(pods_of(7, false), ip("fd00:10:90::4"));
  add(cidr("fd00:10:90::4/128"), ip("fd00:10:90::4"));
  return datapath_->set_overlay(overlay_ifindex_, more);
}

Status Harness::reach_directly(const Harness& other) {
  RETURN_IF_ERROR(enter());
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  std::vector<datapath::OverlayPeer> carriers;
  for (const bool v4 : {true, false})
    carriers.push_back({.range = pods_of(other.number_, v4),
                        .remote = other.node_address(true),
                        .local = node_address(true),
                        .routed = true});
  RETURN_IF_ERROR(put_peers(std::move(carriers)));
  for (const bool v4 : {true, false}) {
    RETURN_IF_ERROR(net::replace_route(
        netlink, {.destination = pods_of(other.number_, v4), .via = other.node_address(v4)}));
    RETURN_IF_ERROR(net::replace_neighbour(netlink, device_ifindex_, other.node_address(v4),
                                           other.mac(kDeviceMac)));
  }
  return {};
}

Status Harness::reach_by_overlay(const Harness& other, bool outer_v4) {
  RETURN_IF_ERROR(enter());
  std::vector<datapath::OverlayPeer> peers;
  for (const bool v4 : {true, false})
    for (const Cidr& range :
         {pods_of(other.number_, v4), Cidr(other.node_address(v4), v4 ? 32 : 128)})
      peers.push_back({.range = range,
                       .remote = other.node_address(outer_v4),
                       .local = node_address(outer_v4)});
  return put_peers(std::move(peers));
}

Status Harness::take_programs() {
  const std::tuple<const char*, int, bool> hooks[kPrograms] = {
      {"pod", pod_ifindex_[0], true},      {"pod", pod_ifindex_[0], false},
      {"device", device_ifindex_, true},   {"device", device_ifindex_, false},
      {"overlay", overlay_ifindex_, true}, {"overlay", overlay_ifindex_, false}};
  for (size_t i = 0; i < kPrograms; ++i) {
    const auto& [what, ifindex, ingress] = hooks[i];
    ASSIGN_OR_RETURN(const int fd, program_of(what, ifindex, ingress), "program {}", i);
    programs_[i].reset(fd);
  }
  const Status accelerated = datapath_->accelerate_device(device_ifindex_);
  if (accelerated.code() == StatusCode::kFailedPrecondition) return {};
  RETURN_IF_ERROR(accelerated);
  const std::string pin = fmt::format("{}/links/xdp-{}", pin_dir_, device_ifindex_);
  ASSIGN_OR_RETURN(const int fd, program_of_link(pin));
  express_.reset(fd);
  return {};
}

Result<int> Harness::program_of_link(const std::string& pin) {
  const UniqueFd link(::bpf_obj_get(pin.c_str()));
  bpf_link_info info = {};
  uint32_t length = sizeof(info);
  if (!link || ::bpf_obj_get_info_by_fd(link.get(), &info, &length) < 0)
    return errno_status(errno, pin);
  const int program = ::bpf_prog_get_fd_by_id(info.prog_id);
  if (program < 0) return errno_status(errno, "open program");
  return program;
}

// The program at the hook, by its pinned link or its filter: what is tested is what is attached.
Result<int> Harness::program_of(const std::string& what, int ifindex, bool ingress) {
  if (datapath_->uses_tcx()) {
    const std::string pin =
        fmt::format("{}/links/{}-{}-{}", pin_dir_, what, ifindex, ingress ? "ingress" : "egress");
    return program_of_link(pin);
  }
  DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                      .attach_point = ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS);
  DECLARE_LIBBPF_OPTS(bpf_tc_opts, filter, .handle = 0x5f1f, .priority = 1);
  if (const int failed = ::bpf_tc_query(&hook, &filter); failed < 0) {
    return errno_status(-failed, "query filter");
  }
  const int program = ::bpf_prog_get_fd_by_id(filter.prog_id);
  if (program < 0) return errno_status(errno, "open program");
  return program;
}

}  // namespace skiff::testing
