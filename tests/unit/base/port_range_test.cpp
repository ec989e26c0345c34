// SPDX-License-Identifier: Apache-2.0
#include "base/port_range.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(PortRange, ReadsWhatKubeApiserverReads) {
  EXPECT_EQ(*PortRange::parse("30000-32767"), (PortRange{30000, 32767}));
  EXPECT_EQ(*PortRange::parse("30000+2767"), (PortRange{30000, 32767}));
  EXPECT_EQ(*PortRange::parse("30000"), (PortRange{30000, 30000}));
  EXPECT_EQ(*PortRange::parse("1-65535"), (PortRange{1, 65535}));
}

TEST(PortRange, SaysWhatWouldBeRight) {
  for (const char* text : {"", "-", "0-10", "10-9", "1-65536", "65000+1000", "a-b", "1-2-3", "1 -2",
                           "-5", "4294967296-4294967297"}) {
    const auto range = PortRange::parse(text);
    ASSERT_FALSE(range.ok()) << text;
    EXPECT_EQ(message(range.status()),
              fmt::format("\"{}\": want FIRST-LAST, ports from 1 to 65535", text));
  }
}

TEST(PortRange, KnowsWhatItHolds) {
  const PortRange range{100, 200};
  EXPECT_EQ(range.size(), 101u);
  EXPECT_TRUE(range.contains(100) && range.contains(200));
  EXPECT_FALSE(range.contains(99) || range.contains(201));
  EXPECT_TRUE(range.overlaps({200, 300}));
  EXPECT_FALSE(range.overlaps({201, 300}));
}

TEST(PortList, IsWhatTheKernelWrites) {
  EXPECT_TRUE(parse_port_list("")->empty());
  const auto list = parse_port_list("8080,9148,30000-30100");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(to_string(*list), "8080,9148,30000-30100");
  EXPECT_FALSE(parse_port_list("8080,").ok() && parse_port_list(",").ok());
}

TEST(PortList, TakesInARange) {
  EXPECT_EQ(to_string(with_range({}, {61000, 65535})), "61000-65535");
  EXPECT_EQ(to_string(with_range({{8080, 8080}, {62000, 62001}}, {61000, 65535})),
            "8080,61000-65535");
  EXPECT_EQ(to_string(with_range({{60990, 60999}}, {61000, 65535})), "60990-65535");
  EXPECT_EQ(to_string(with_range({{65535, 65535}}, {65535, 65535})), "65535");
}

}  // namespace
}  // namespace skiff
