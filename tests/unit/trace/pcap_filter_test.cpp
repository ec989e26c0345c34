// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pcap_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/trace/tap_query.h"

namespace skiff::trace {
namespace {

using ::testing::HasSubstr;

TEST(PcapFilter, ReadsBackAsTheSame) {
  const std::string text = "4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0";
  const auto filter = parse_pcap_filter(text);
  ASSERT_TRUE(filter.ok()) << message(filter.status());
  EXPECT_EQ(filter->instructions.size(), 4U);
  EXPECT_EQ(filter->instructions[1].k, 2048U);
  EXPECT_EQ(to_string(*filter), text);
  EXPECT_EQ(to_abi(*filter).count, 4U);
  EXPECT_TRUE(parse_pcap_filter("").value().empty());
}

TEST(PcapFilter, NothingGetsToTheKernelThatCouldRunOnOrLeaveItsBounds) {
  const struct {
    const char* text;
    const char* problem;
  } kCases[] = {
      {"1,6 0 0", "not four numbers"},
      {"0,", "no count"},
      {"600,6 0 0 0", "no count"},
      {"1,6 0 0 0 ", "goes on"},
      {"2,21 0 5 1,6 0 0 0", "instruction 0 jumps out"},
      {"2,5 0 0 1,6 0 0 0", "instruction 0 jumps out"},
      {"1,0 0 0 0", "instruction 0 is the last and does not return"},
      {"2,999 0 0 0,6 0 0 0", "instruction 0 is not known"},
      {"2,2 0 0 16,6 0 0 0", "memory that there is not"},
      {"2,52 0 0 0,6 0 0 0", "divides by zero"},
      {"2,48 0 0 256,6 0 0 0", "more of the packet"},
  };
  for (const auto& [text, problem] : kCases) {
    const auto filter = parse_pcap_filter(text);
    ASSERT_FALSE(filter.ok()) << text;
    EXPECT_THAT(std::string(message(filter.status())), HasSubstr(problem)) << text;
  }
}

TEST(TapQuery, TravelsWhole) {
  TapRequest request{.expression = parse_expression("tcp port 80").value(),
                     .pcap = parse_pcap_filter("1,6 0 0 1").value(),
                     .dropped = true,
                     .path = true,
                     .snap = 96,
                     .count = 3,
                     .duration = std::chrono::seconds(9)};
  const auto back = parse_tap_query(tap_query(request));
  ASSERT_TRUE(back.ok()) << message(back.status());
  EXPECT_EQ(to_string(back->expression), to_string(request.expression));
  EXPECT_EQ(to_string(back->pcap), to_string(request.pcap));
  EXPECT_TRUE(back->dropped && back->path);
  const auto specs = taps_of(*back);
  ASSERT_EQ(specs.size(), 1U);
  EXPECT_TRUE(specs[0].drops_only);
  EXPECT_EQ(specs[0].snap, 96);
  EXPECT_FALSE(specs[0].filter.empty());
  http::Query wrong;
  wrong.add("path", "perhaps");
  EXPECT_THAT(std::string(message(parse_tap_query(wrong).status())),
              HasSubstr("path: \"perhaps\" is neither true nor false"));
}

}  // namespace
}  // namespace skiff::trace
