// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(IpAddress, PrintsWhatItParsed) {
  for (const char* text : {"0.0.0.0", "10.96.0.1", "255.255.255.255", "::", "::1", "fd00:10:96::a"})
    EXPECT_EQ(IpAddress::parse(text).value().to_string(), text);
}

TEST(IpAddress, RefusesLeadingZerosAndGarbage) {
  for (const char* text :
       {"010.0.0.1", "10.0.0.01", "", "10.0.0", "10.0.0.1.2", "fd00::g", "10.0.0.1 "})
    EXPECT_FALSE(IpAddress::parse(text).ok()) << text;
}

TEST(IpAddress, DoesNotEndAtANul) {
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0", 9)).ok());
  EXPECT_FALSE(IpAddress::parse(std::string_view("::1\0.example.com", 16)).ok());
}

TEST(IpAddress, KnowsItsFamilyAndScope) {
  EXPECT_TRUE(IpAddress::parse("127.1.2.3")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("169.254.1.1")->is_link_local());
  EXPECT_TRUE(IpAddress::parse("fe80::1")->is_link_local());
  EXPECT_TRUE(IpAddress::parse("0.0.0.0")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("fd00::1")->is_v4());
}

TEST(IpAddress, AddsWithCarry) {
  EXPECT_EQ(IpAddress::parse("10.244.0.255")->plus(1).to_string(), "10.244.1.0");
  EXPECT_EQ(IpAddress::parse("fd00::ffff:ffff")->plus(1).to_string(), "fd00::1:0:0");
}

TEST(Cidr, ClearsHostBitsAndContainsItsOwn) {
  const Cidr range = Cidr::parse("10.244.3.77/24").value();
  EXPECT_EQ(range.to_string(), "10.244.3.0/24");
  EXPECT_TRUE(range.contains(*IpAddress::parse("10.244.3.255")));
  EXPECT_FALSE(range.contains(*IpAddress::parse("10.244.4.0")));
  EXPECT_FALSE(range.contains(*IpAddress::parse("fd00::1")));
}

TEST(Cidr, TheWholeInternetOfAFamilyDoesNotContainTheOther) {
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("1.2.3.4")));
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("fd00::1")));
  EXPECT_EQ(Cidr::parse("fd00:10:244::1/56")->to_string(), "fd00:10:244::/56");
}

TEST(Cidr, RefusesBadPrefixes) {
  for (const char* text :
       {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "fd00::/129", "10.0.0.0/-1"})
    EXPECT_FALSE(Cidr::parse(text).ok()) << text;
}

}  // namespace
}  // namespace skiff
