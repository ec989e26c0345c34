// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/builders/packet_builder.h"

namespace skiff::testing {
namespace {

TEST(PacketBuilder, MakesFramesWhoseChecksumsHold) {
  EXPECT_EQ(describe(PacketBuilder("10.0.0.1", 1, "10.0.0.2", 2).tcp(kSyn).build()),
            "10.0.0.1:1 > 10.0.0.2:2 tcp S seq 1000 ack 0 ttl 64 len 20");
  EXPECT_EQ(describe(PacketBuilder("fd00::1", 1, "fd00::2", 2).udp().payload("odd").build()),
            "[fd00::1]:1 > [fd00::2]:2 udp ttl 64 len 11");
}

TEST(PacketBuilder, ShowsWhereAChecksumIsWrong) {
  Frame frame = PacketBuilder("10.0.0.1", 1, "10.0.0.2", 2).udp().build();
  frame[14 + 8] ^= 1;
  EXPECT_NE(describe(frame).find("BAD IP CHECKSUM"), std::string::npos);
  frame = PacketBuilder("fd00::1", 1, "fd00::2", 2).udp().build();
  frame.back() ^= 1;
  EXPECT_NE(describe(frame).find("BAD L4 CHECKSUM"), std::string::npos);
}

TEST(PacketBuilder, ShowsWhatAnErrorQuotes) {
  const Frame quoted = PacketBuilder("10.0.0.1", 1, "10.0.0.2", 2).udp().build();
  const Frame error = PacketBuilder("10.0.0.2", 0, "10.0.0.1", 0).icmp_error(3, 3, quoted).build();
  EXPECT_EQ(describe(error),
            "10.0.0.2:0 > 10.0.0.1:0 icmp 3/3 {10.0.0.1:1 > 10.0.0.2:2 udp ttl 64} ttl 64 len 36");
}

}  // namespace
}  // namespace skiff::testing
