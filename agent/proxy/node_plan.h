// SPDX-License-Identifier: Apache-2.0
// What the proxy needs to know of the cluster's nodes. Pure.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/proxy/announce_plan.h"

namespace skiff::proxy {

// Where NodePorts are served: kube-proxy's --nodeport-addresses.
struct NodePortAddresses {
  std::vector<Cidr> ranges;  // empty: the primary addresses, and loopback

  // "primary", or CIDRs. INVALID_ARGUMENT says what would be right.
  static Result<NodePortAddresses> parse(const std::vector<std::string>& texts);
  bool primary() const { return ranges.empty(); }
  bool contain(const IpAddress& address) const;
  bool contain_loopback() const;
};

struct NodeView {
  std::vector<datapath::NodeAddress> addresses;
  std::set<IpAddress> node_addresses;  // the nodes' own, as the API has them
  std::set<std::string> live;          // there and Ready; `self` always
  std::string zone;                    // of `self`
};

// `own`: the addresses of this machine's devices; they count only where NodePorts are served by
// range. Loopback, link-local and multicast addresses are nobody's node's.
NodeView view_nodes(std::span<const NodePtr> nodes, const std::string& self,
                    const NodePortAddresses& node_ports, std::span<const IpAddress> own);

}  // namespace skiff::proxy
