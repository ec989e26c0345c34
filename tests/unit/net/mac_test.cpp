// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/route.h"

namespace skiff::net {
namespace {

TEST(MacAddress, ReadsWhatItWrites) {
  const MacAddress mac = {0x02, 0xab, 0, 1, 0xfe, 0xff};
  EXPECT_EQ(to_string(mac), "02:ab:00:01:fe:ff");
  EXPECT_EQ(*parse_mac("02:ab:00:01:fe:ff"), mac);
}

TEST(MacAddress, RefusesGarbage) {
  for (const char* text : {"", "02:ab:00:01:fe", "02-ab-00-01-fe-ff", "02:ab:00:01:fe:fg",
                           "02:ab:00:01:fe:ff:00", "2:ab:0:1:fe:ff12345"})
    EXPECT_FALSE(parse_mac(text).ok()) << text;
}

TEST(MacAddress, FromASeedIsLocalUnicastAndStable) {
  const MacAddress mac = mac_from_seed("pod a");
  EXPECT_EQ(mac[0] & 0x03, 0x02);
  EXPECT_EQ(mac, mac_from_seed("pod a"));
  EXPECT_NE(mac, mac_from_seed("pod b"));
}

TEST(RouteText, NamesKindGatewayAndDevice) {
  const Cidr range = *Cidr::parse("10.244.1.0/24");
  EXPECT_EQ((Route{.destination = range, .kind = RouteKind::kUnreachable}.to_string()),
            "unreachable 10.244.1.0/24");
  EXPECT_EQ((Route{.destination = range, .via = *IpAddress::parse("10.89.0.3"), .link_index = 2}
                 .to_string()),
            "10.244.1.0/24 via 10.89.0.3 dev #2");
}

TEST(InterfaceAddress, OfAHostIsTheWholeAddress) {
  EXPECT_EQ(InterfaceAddress::host(*IpAddress::parse("10.0.0.1")).to_string(), "10.0.0.1/32");
  EXPECT_EQ(InterfaceAddress::host(*IpAddress::parse("fd00::1")).to_string(), "fd00::1/128");
}

}  // namespace
}  // namespace skiff::net
