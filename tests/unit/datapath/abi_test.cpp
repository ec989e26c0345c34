// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/abi.h"

#include <gtest/gtest.h>

namespace skiff::datapath {
namespace {

TEST(Abi, AddressesCrossUnchanged) {
  for (const char* text : {"10.96.0.1", "fd00:10:96::a", "::", "0.0.0.0"}) {
    const IpAddress ip = *IpAddress::parse(text);
    EXPECT_EQ(from_abi(to_abi(ip)), ip) << text;
  }
}

TEST(Abi, RangesCountBitsOfTheMappedAddress) {
  EXPECT_EQ(to_abi(*Cidr::parse("10.244.0.0/16")).prefix_bits, 112u);
  EXPECT_EQ(to_abi(*Cidr::parse("fd00:10:244::/56")).prefix_bits, 56u);
}

TEST(Abi, PortsCrossInNetworkOrder) {
  const __be16 wire = port_be(0x1234);
  EXPECT_EQ(reinterpret_cast<const uint8_t*>(&wire)[0], 0x12);
  EXPECT_EQ(port_of(wire), 0x1234);
}

TEST(Abi, NodePortsOfTheTwoFamiliesHaveDifferentKeys) {
  EXPECT_EQ(from_abi(node_port_address(true)).to_string(), "0.0.0.0");
  EXPECT_EQ(from_abi(node_port_address(false)).to_string(), "::");
  EXPECT_NE(from_abi(node_port_address(true)), from_abi(node_port_address(false)));
}

}  // namespace
}  // namespace skiff::datapath
