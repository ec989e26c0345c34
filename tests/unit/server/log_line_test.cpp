// SPDX-License-Identifier: Apache-2.0
#include "agent/server/log_line.h"

#include <gtest/gtest.h>

namespace skiff::server {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = TimePoint(1'700'000'000s);  // 2023-11-14T22:13:20Z

TEST(LogLine, IsParsed) {
  const auto line = parse_log_line("2023-11-14T22:13:20.123456789Z stderr F  two words ");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->timestamp, "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(line->stream, "stderr");
  EXPECT_FALSE(line->partial);
  EXPECT_EQ(line->text, " two words ");
  EXPECT_TRUE(parse_log_line("2023-11-14T22:13:20.123456789Z stdout P piece")->partial);
  EXPECT_EQ(parse_log_line("2023-11-14T22:13:20.123456789Z stdout F ")->text, "");
  EXPECT_EQ(parse_log_line("2023-11-14T22:13:20.123456789Z stdout F")->text, "");
  for (const char* bad : {"", "x", "2023-11-14T22:13:20Z stdin F x", "now stdout F x",
                          "2023-11-14T22:13:20.1Z stdout"})
    EXPECT_FALSE(parse_log_line(bad)) << bad;
}

TEST(TailOffset, FindsWhereTheLastLinesBegin) {
  struct {
    const char* content;
    int64_t lines;
    size_t offset;
  } cases[] = {{"a\nb\nc\n", 0, 6}, {"a\nb\nc\n", 1, 4}, {"a\nb\nc\n", 2, 2}, {"a\nb\nc\n", 3, 0},
               {"a\nb\nc\n", 9, 0}, {"a\nb\nc", 1, 4},   {"", 3, 0},          {"\n", 1, 0},
               {"\n\n", 1, 1},      {"\nb\n", 1, 1},     {"\nb\n", 2, 0},     {"abc", 1, 0}};
  for (const auto& c : cases)
    EXPECT_EQ(tail_offset(c.content, c.lines), c.offset) << c.content << " " << c.lines;
}

TEST(LogOptions, NameTheBadParameter) {
  const auto parse = [](const char* query) {
    return parse_log_options(http::Query::parse(query), kNow);
  };
  const auto options = parse(
      "follow=true&timestamps=1&previous=true&tailLines=5&limitBytes=10&sinceSeconds=60&stream="
      "Stderr");
  ASSERT_TRUE(options.ok());
  EXPECT_TRUE(options->follow && options->timestamps && options->previous);
  EXPECT_EQ(options->tail_lines, 5);
  EXPECT_EQ(options->limit_bytes, 10);
  EXPECT_EQ(options->since, kNow - 60s);
  EXPECT_EQ(options->stream, "Stderr");
  EXPECT_EQ(parse("sinceTime=2023-11-14T23:13:20%2B01:00")->since, kNow);
  EXPECT_EQ(message(parse("tailLines=-1").status()),
            "tailLines: \"-1\" is not a number of 0 or more");
  EXPECT_FALSE(parse("limitBytes=many").ok());
  EXPECT_TRUE(message(parse("sinceTime=yesterday").status()).starts_with("sinceTime: "));
}

TEST(LogOptions, SinceLongerAgoThanTheClockCountsIsEverything) {
  const auto options =
      parse_log_options(http::Query::parse("sinceSeconds=9223372036854775807"), kNow);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->since, TimePoint());
}

std::string shown(const LogOptions& options, std::initializer_list<const char*> lines) {
  LogFormatter formatter(options);
  std::string out;
  for (const char* line : lines)
    if (!formatter.full()) formatter.append(line, out);
  return out;
}

constexpr const char* kOne = "2023-11-14T22:13:20.100000000Z stdout F one";
constexpr const char* kTwo = "2023-11-14T22:13:21.100000000Z stderr F two";
constexpr const char* kPiece = "2023-11-14T22:13:22.100000000Z stdout P th";
constexpr const char* kRest = "2023-11-14T22:13:22.100000001Z stdout F ree";

TEST(LogFormatter, ShowsTextAndJoinsPieces) {
  EXPECT_EQ(shown({}, {kOne, kTwo, kPiece, kRest, "no log line"}),
            "one\ntwo\nthree\nno log line\n");
}

TEST(LogFormatter, TimestampsStandOncePerLine) {
  LogOptions options;
  options.timestamps = true;
  EXPECT_EQ(shown(options, {kOne, kPiece, kRest}),
            "2023-11-14T22:13:20.100000000Z one\n2023-11-14T22:13:22.100000000Z three\n");
}

TEST(LogFormatter, KeepsToItsLimits) {
  LogOptions options;
  options.limit_bytes = 6;
  EXPECT_EQ(shown(options, {kOne, kTwo, kPiece}), "one\ntw");
  options.limit_bytes = 0;
  EXPECT_EQ(shown(options, {kOne}), "");
  options = {};
  options.stream = "Stderr";
  EXPECT_EQ(shown(options, {kOne, kTwo, kPiece, kRest}), "two\n");
  options.stream = "Stdout";
  EXPECT_EQ(shown(options, {kOne, kTwo}), "one\n");
  options.stream = "All";
  EXPECT_EQ(shown(options, {kOne, kTwo}), "one\ntwo\n");
}

TEST(LogFormatter, SinceIsAMomentInAnyZone) {
  LogOptions options;
  options.since = kNow + 1s;
  EXPECT_EQ(shown(options, {kOne, kTwo}), "two\n");
  EXPECT_EQ(shown(options, {"2023-11-15T00:13:20.100000000+02:00 stdout F before",
                            "2023-11-14T21:13:21.100000000-01:00 stdout F after"}),
            "after\n");
}

}  // namespace
}  // namespace skiff::server
