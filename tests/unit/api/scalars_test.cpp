// SPDX-License-Identifier: Apache-2.0
#include "api/scalars.h"

#include <gtest/gtest.h>

namespace skiff::api {
namespace {

TEST(Time, ReadsEveryOffsetAndWritesUtc) {
  EXPECT_EQ(Time::parse("2024-02-29T12:34:56Z")->to_string(), "2024-02-29T12:34:56Z");
  EXPECT_EQ(Time::parse("2024-03-01T01:00:00+02:00")->to_string(), "2024-02-29T23:00:00Z");
  EXPECT_EQ(Time::parse("2024-02-29T12:34:56.987654Z")->to_string(), "2024-02-29T12:34:56Z");
  EXPECT_EQ(Time::parse("1969-12-31T23:59:59Z")->to_string(), "1969-12-31T23:59:59Z");
}

TEST(Time, TakesTheZeroTimeOfGoAsAbsent) {
  EXPECT_TRUE(Time::parse("0001-01-01T00:00:00Z")->is_zero());
}

TEST(Time, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "today", "2024-02-30T00:00:00Z", "2024-01-01", "2024-01-01T25:00:00Z",
        "2024-01-01T00:00:00", "2024-01-01T00:00:00Zx", "9999-01-01T00:00:00Z"})
    EXPECT_FALSE(Time::parse(text).ok()) << text;
}

TEST(Time, IsBoundedInUtc) {
  EXPECT_TRUE(Time::parse("2261-12-31T23:59:59Z").ok());
  EXPECT_FALSE(Time::parse("2261-12-31T23:59:59-01:00").ok());
  EXPECT_TRUE(Time::parse("1678-01-01T00:00:00Z").ok());
  EXPECT_FALSE(Time::parse("1678-01-01T00:00:00+01:00").ok());
}

TEST(Time, KeepsSecondsOnly) {
  EXPECT_EQ(Time(TimePoint(std::chrono::milliseconds(1500))).to_string(), "1970-01-01T00:00:01Z");
  EXPECT_TRUE(Time().is_zero());
}

TEST(MicroTime, KeepsMicroseconds) {
  EXPECT_EQ(MicroTime::parse("2024-01-01T00:00:00.5Z")->to_string(), "2024-01-01T00:00:00.500000Z");
  EXPECT_EQ(MicroTime::parse("2024-01-01T00:00:00Z")->to_string(), "2024-01-01T00:00:00.000000Z");
}

TEST(IntOrString, ScalesPercentages) {
  EXPECT_EQ(*IntOrString(3).scaled(10, true), 3);
  EXPECT_EQ(*IntOrString("25%").scaled(10, true), 3);
  EXPECT_EQ(*IntOrString("25%").scaled(10, false), 2);
  EXPECT_EQ(*IntOrString("100%").scaled(7, false), 7);
  EXPECT_EQ(*IntOrString("2000000000%").scaled(2000000000, true), 2147483647);
  EXPECT_FALSE(IntOrString("http").scaled(10, true).ok());
  EXPECT_FALSE(IntOrString("%").scaled(10, true).ok());
}

}  // namespace
}  // namespace skiff::api
