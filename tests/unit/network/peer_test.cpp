// SPDX-License-Identifier: Apache-2.0
#include "agent/network/peer.h"

#include <gtest/gtest.h>

namespace skiff::network {
namespace {

TEST(PeerNode, TakesInternalAddressesAndBothRanges) {
  api::Node node;
  node.metadata.name = "b";
  node.spec.podCIDR = "10.244.1.0/24";
  node.spec.podCIDRs = {"10.244.1.0/24", "garbage", "fd00:10:244:1::/64"};
  node.status.addresses = {{"Hostname", "b"},
                           {"InternalIP", "10.89.0.3"},
                           {"ExternalIP", "1.2.3.4"},
                           {"InternalIP", "x"}};
  const PeerNode peer = peer_node(node);
  EXPECT_EQ(peer.name, "b");
  EXPECT_EQ(peer.addresses, std::vector{*IpAddress::parse("10.89.0.3")});
  EXPECT_EQ(peer.pod_ranges,
            (std::vector{*Cidr::parse("10.244.1.0/24"), *Cidr::parse("fd00:10:244:1::/64")}));
}

TEST(PeerNode, FallsBackToTheSingleRange) {
  api::Node node;
  node.spec.podCIDR = "10.244.1.0/24";
  EXPECT_EQ(pod_ranges(node), std::vector{*Cidr::parse("10.244.1.0/24")});
  EXPECT_TRUE(pod_ranges(api::Node()).empty());
}

}  // namespace
}  // namespace skiff::network
