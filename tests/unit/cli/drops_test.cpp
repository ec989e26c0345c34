// SPDX-License-Identifier: Apache-2.0
#include "cli/observe/drops.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

TEST(Drops, AreReadFromTheAnswerOfANode) {
  const auto drops = decode_drops(
      R"({"node":"node-1","drops":[{"source":"kernel","reason":"NO_SOCKET","place":"udp+0x1",
          "packets":3,"bytes":90,"interface":"eth0","pod":"shop/web","last":"UDP a -> b"}]})");
  ASSERT_TRUE(drops.ok()) << drops.status();
  EXPECT_EQ(*drops, (std::vector<Drop>{{.node = "node-1",
                                        .source = "kernel",
                                        .reason = "NO_SOCKET",
                                        .place = "udp+0x1",
                                        .where = "shop/web",
                                        .last = "UDP a -> b",
                                        .packets = 3,
                                        .bytes = 90}}));
}

TEST(Drops, AnAnswerThatCannotBeReadIsNoEmptyList) {
  for (const char* text : {"", "[]", "{}", R"({"drops":{}})", R"({"drops":[3]})"})
    EXPECT_FALSE(decode_drops(text).ok()) << text;
}

}  // namespace
}  // namespace skiff::cli
