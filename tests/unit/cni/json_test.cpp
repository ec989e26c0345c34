// SPDX-License-Identifier: Apache-2.0
#include "cni/json.h"

#include <gtest/gtest.h>

namespace skiff::cni {
namespace {

TEST(CniJson, FindsTopLevelMembersOnly) {
  constexpr std::string_view kText =
      R"( {"plugins": [{"socket": "/wrong"}, 1, null], "n": {"socket": "/too"}, "socket" : "/right", "exitCode":-3} )";
  EXPECT_EQ(find_string(kText, "socket"), "/right");
  EXPECT_EQ(find_integer(kText, "exitCode"), -3);
  EXPECT_EQ(find_string(kText, "exitCode"), std::nullopt);
  EXPECT_EQ(find_integer(kText, "socket"), std::nullopt);
  EXPECT_EQ(find_string(kText, "absent"), std::nullopt);
}

TEST(CniJson, Unescapes) {
  EXPECT_EQ(find_string(R"({"a":"x\"\\\/\n\tA\u00e4\u20ac\ud83d\ude00"})", "a"),
            "x\"\\/\n\tA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(CniJson, QuotesWhatItReads) {
  const std::string text = "line\n\"quoted\" \\ \x01 \xc3\xa4";
  EXPECT_EQ(find_string("{\"a\":" + quote(text) + "}", "a"), text);
}

TEST(CniJson, FindsNothingInGarbage) {
  for (const char* text :
       {"", "{", "[]", "null", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\u12",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"b\":[1,2,\"a\":\"x\"}", "{\"b\":{]},\"a\":\"x\"}", "{,}"})
    EXPECT_EQ(find_string(text, "a"), std::nullopt) << text;
  EXPECT_EQ(find_string("{\"b\":" + std::string(100000, '[') + "}", "a"), std::nullopt);
}

}  // namespace
}  // namespace skiff::cni
