// SPDX-License-Identifier: Apache-2.0
#include "agent/network/peer.h"

namespace skiff::network {

std::vector<Cidr> pod_ranges(const api::Node& node) {
  std::vector<std::string> texts = node.spec.podCIDRs;
  if (texts.empty() && !node.spec.podCIDR.empty()) texts.push_back(node.spec.podCIDR);
  std::vector<Cidr> ranges;
  for (const std::string& text : texts)
    if (const auto range = Cidr::parse(text); range.ok()) ranges.push_back(*range);
  return ranges;
}

PeerNode peer_node(const api::Node& node) {
  PeerNode peer{.name = node.metadata.name, .pod_ranges = pod_ranges(node)};
  for (const api::NodeAddress& address : node.status.addresses) {
    if (address.type != "InternalIP") continue;
    if (const auto ip = IpAddress::parse(address.address); ip.ok()) peer.addresses.push_back(*ip);
  }
  return peer;
}

}  // namespace skiff::network
