// SPDX-License-Identifier: Apache-2.0
// The kernel's side of the proxy.
#include "agent/net/address.h"
#include "agent/net/route.h"
#include "agent/net/socket_diag.h"
#include "agent/proxy/proxy.h"
#include "agent/proxy/stale_sockets.h"

namespace skiff::proxy {
namespace {

Result<std::vector<IpAddress>> own_addresses() {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  return net::list_own_addresses(netlink);
}

Result<std::vector<Cidr>> segments() {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  return net::list_segments(netlink);
}

}  // namespace

ProxyMachine machine_of(datapath::Datapath& datapath) {
  return {
      .maps = datapath.maps(),
      .set_nodes =
          [&datapath](std::span<const datapath::NodeAddress> addresses) {
            return datapath.set_nodes(addresses);
          },
      .set_ranges =
          [&datapath](std::span<const Cidr> unmasked, std::span<const Cidr> services) {
            return datapath.set_ranges(unmasked, services);
          },
      .own_addresses = own_addresses,
      .ports_in_use = net::ports_in_use,
      .abort_sockets =
          [](std::vector<datapath::StaleSocket> stale) { return abort_sockets(std::move(stale)); },
      .segments = segments,
      .announce = nullptr};
}

}  // namespace skiff::proxy
