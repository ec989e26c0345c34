// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/node_plan.h"

#include <netinet/in.h>

#include <algorithm>

namespace skiff::proxy {
namespace {

constexpr const char* kZone = "topology.kubernetes.io/zone";

std::vector<IpAddress> internal_addresses(const api::Node& node) {
  std::vector<IpAddress> addresses;
  for (const api::NodeAddress& address : node.status.addresses)
    if (const auto ip = IpAddress::parse(address.address); ip.ok() && address.type == "InternalIP")
      addresses.push_back(*ip);
  return addresses;
}

bool is_of_a_node(const IpAddress& address) {
  return !address.is_loopback() && !address.is_link_local() && !address.is_unspecified();
}

}  // namespace

Result<NodePortAddresses> NodePortAddresses::parse(const std::vector<std::string>& texts) {
  NodePortAddresses addresses;
  if (texts.size() == 1 && texts.front() == "primary") return addresses;
  for (const std::string& text : texts) {
    if (text == "primary")
      return invalid_argument("\"primary\" says it all: want it alone, or ranges without it");
    ASSIGN_OR_RETURN(const Cidr range, Cidr::parse(text));
    addresses.ranges.push_back(range);
  }
  if (addresses.ranges.empty()) return invalid_argument("want \"primary\", or ranges");
  return addresses;
}

bool NodePortAddresses::contain(const IpAddress& address) const {
  return primary() ||
         std::ranges::any_of(ranges, [&](const Cidr& range) { return range.contains(address); });
}

bool NodePortAddresses::contain_loopback() const {
  return contain(IpAddress::v4(INADDR_LOOPBACK)) || contain(IpAddress().plus(1));
}

NodeView view_nodes(std::span<const NodePtr> nodes, const std::string& self,
                    const NodePortAddresses& node_ports, std::span<const IpAddress> own) {
  NodeView view;
  view.live.insert(self);
  std::vector<datapath::NodeAddress> local;  // last: of an address twice there the last counts
  if (!node_ports.primary())
    for (const IpAddress& address : own)
      if (is_of_a_node(address) && node_ports.contain(address))
        local.push_back({.address = address, .local = true, .node_ports = true});
  for (const NodePtr& node : nodes) {
    const bool is_self = node->metadata.name == self;
    for (const IpAddress& address : internal_addresses(*node)) {
      view.node_addresses.insert(address);
      (is_self ? local : view.addresses)
          .push_back(
              {.address = address, .local = is_self, .node_ports = node_ports.contain(address)});
    }
    if (is_ready(*node)) view.live.insert(node->metadata.name);
    const auto zone = node->metadata.labels.find(kZone);
    if (is_self && zone != node->metadata.labels.end()) view.zone = zone->second;
  }
  view.addresses.insert(view.addresses.end(), local.begin(), local.end());
  return view;
}

}  // namespace skiff::proxy
