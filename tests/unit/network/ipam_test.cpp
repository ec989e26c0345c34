// SPDX-License-Identifier: Apache-2.0
#include "agent/network/ipam.h"

#include <gtest/gtest.h>

#include <set>

namespace skiff::network {
namespace {

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
Cidr cidr(std::string_view text) {
  return *Cidr::parse(text);
}

TEST(IpamPool, NeverHandsOutNetworkNodeAndBroadcastAddress) {
  IpamPool pool(cidr("10.244.1.0/29"));
  EXPECT_EQ(pool.capacity(), 5u);
  std::set<std::string> given;
  while (true) {
    const auto address = pool.allocate();
    if (!address.ok()) break;
    given.insert(address->to_string());
  }
  EXPECT_EQ(given, (std::set<std::string>{"10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5",
                                          "10.244.1.6"}));
}

TEST(IpamPool, LetsAReleasedAddressRestTheLongest) {
  IpamPool pool(cidr("10.244.1.0/29"));
  EXPECT_EQ(*pool.allocate(), ip("10.244.1.2"));
  pool.release(ip("10.244.1.2"));
  for (int i = 3; i <= 6; ++i) EXPECT_EQ(*pool.allocate(), ip(fmt::format("10.244.1.{}", i)));
  EXPECT_EQ(*pool.allocate(), ip("10.244.1.2"));
}

TEST(IpamPool, SaysThatItIsExhausted) {
  IpamPool pool(cidr("10.244.1.0/30"));
  EXPECT_TRUE(pool.allocate().ok());
  const auto none = pool.allocate();
  EXPECT_EQ(none.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(message(none.status()), "all 1 addresses of 10.244.1.0/30 are in use");
}

TEST(IpamPool, ReservesOnceAndOnlyItsOwn) {
  IpamPool pool(cidr("10.244.1.0/24"));
  EXPECT_TRUE(pool.reserve(ip("10.244.1.2")));
  EXPECT_FALSE(pool.reserve(ip("10.244.1.2")));
  EXPECT_FALSE(pool.reserve(ip("10.244.2.2")));
  EXPECT_FALSE(pool.reserve(ip("10.244.1.255")));
  EXPECT_FALSE(pool.reserve(ip("fd00::2")));
  EXPECT_EQ(*pool.allocate(), ip("10.244.1.3"));
}

TEST(IpamPool, ContinuesBehindTheNewestAfterARestart) {
  IpamPool pool(cidr("10.244.1.0/24"));
  pool.continue_after(ip("10.244.1.77"));
  EXPECT_EQ(*pool.allocate(), ip("10.244.1.78"));
  pool.continue_after(ip("10.244.1.254"));
  EXPECT_EQ(*pool.allocate(), ip("10.244.1.2"));
}

TEST(IpamPool, HandsOutIpv6) {
  IpamPool pool(cidr("fd00:10:244:1::/64"));
  EXPECT_EQ(*pool.allocate(), ip("fd00:10:244:1::2"));
  EXPECT_TRUE(pool.reserve(ip("fd00:10:244:1::3")));
  EXPECT_EQ(*pool.allocate(), ip("fd00:10:244:1::4"));
  EXPECT_FALSE(pool.reserve(ip("fd00:10:244:1:1::3")));
  EXPECT_EQ(IpamPool(cidr("fd00::/126")).capacity(), 2u);
}

TEST(Ipam, GivesAnAddressOfEachFamilyOrNone) {
  Ipam ipam;
  EXPECT_FALSE(ipam.ready());
  ASSERT_TRUE(ipam.set_ranges(std::vector{cidr("10.244.1.0/30"), cidr("fd00:1::/64")}).ok());
  const auto pod = ipam.allocate();
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(*pod, (std::vector{ip("10.244.1.2"), ip("fd00:1::2")}));
  EXPECT_FALSE(ipam.allocate().ok());
  EXPECT_EQ(ipam.pools()[1].used(), 1u) << "the IPv6 address must have been given back";
  ipam.release(*pod);
  EXPECT_TRUE(ipam.allocate().ok());
}

TEST(Ipam, KeepsReservationsMadeBeforeTheRangesWereKnown) {
  Ipam ipam;
  ipam.reserve(std::vector{ip("10.244.1.2")});
  ASSERT_TRUE(ipam.set_ranges(std::vector{cidr("10.244.1.0/24")}).ok());
  EXPECT_EQ(ipam.allocate()->front(), ip("10.244.1.3"));
  ASSERT_TRUE(ipam.set_ranges(std::vector{cidr("10.244.1.0/24")}).ok());
  EXPECT_EQ(ipam.allocate()->front(), ip("10.244.1.4"));
}

TEST(Ipam, RefusesRangesThatCannotServe) {
  Ipam ipam;
  EXPECT_FALSE(ipam.set_ranges({}).ok());
  EXPECT_FALSE(ipam.set_ranges(std::vector{cidr("10.244.1.0/31")}).ok());
  EXPECT_FALSE(ipam.set_ranges(std::vector{cidr("10.244.1.7/32")}).ok());
  EXPECT_FALSE(ipam.set_ranges(std::vector{cidr("10.1.0.0/24"), cidr("10.2.0.0/24")}).ok());
  EXPECT_FALSE(ipam.ready());
}

}  // namespace
}  // namespace skiff::network
