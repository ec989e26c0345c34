// SPDX-License-Identifier: Apache-2.0
#include "kube/json_scan.h"

#include <gtest/gtest.h>

namespace skiff::kube {
namespace {

TEST(JsonScan, FindsMembersBehindNestedOnes) {
  constexpr std::string_view kEvent =
      R"({"type":"ADDED","object":{"a":[1,{"b":"}\"]"}],"c":null}, "last" : 7 })";
  EXPECT_EQ(json_member(kEvent, "type"), "\"ADDED\"");
  EXPECT_EQ(json_member(kEvent, "object"), R"({"a":[1,{"b":"}\"]"}],"c":null})");
  EXPECT_EQ(json_member(kEvent, "last"), "7");
  EXPECT_EQ(json_member(kEvent, "a"), std::nullopt) << "only the outermost members count";
}

TEST(JsonScan, SplitsArrays) {
  EXPECT_EQ(json_elements(R"([ {"a":[1,2]} , "x,y" ,3])"),
            (std::vector<std::string_view>{R"({"a":[1,2]})", R"("x,y")", "3"}));
  EXPECT_TRUE(json_elements("[]").empty());
  EXPECT_TRUE(json_elements("null").empty());
}

TEST(JsonScan, SurvivesGarbage) {
  for (std::string_view text : {"", "{", "[", "{\"a", "{\"a\":", "[1,,2", "]", "\"", "{\"a\":\"\\",
                                "[\"\\\"", "{]", "[}"}) {
    (void)json_member(text, "a");
    (void)json_elements(text);
    (void)json_string(text);
  }
}

TEST(JsonScan, DecodesStrings) {
  EXPECT_EQ(json_string(R"("a\n\"\\\u00e9\ud83d\ude00")"), "a\n\"\\\u00e9\U0001F600");
  EXPECT_EQ(json_string(R"("\ud83d")"), "\uFFFD");
  EXPECT_EQ(json_string(R"("\x")"), std::nullopt);
  EXPECT_EQ(json_plain_string(R"("a\n")"), std::nullopt);
}

}  // namespace
}  // namespace skiff::kube
