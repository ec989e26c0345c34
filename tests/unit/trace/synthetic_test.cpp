// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/synthetic.h"

#include <gtest/gtest.h>

#include "tests/builders/packet_builder.h"

namespace skiff::trace {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

// The builder of the packet tables checks the checksums.
std::string checked(const std::string& frame) {
  return testing::describe(testing::Frame(frame.begin(), frame.end()));
}

TEST(SyntheticPacket, CarriesRightChecksums) {
  for (const uint8_t protocol : {6, 17, 1}) {
    for (const auto& [source, destination] :
         {std::pair("10.0.0.1", "10.0.0.2"), std::pair("fd00::1", "fd00::2")}) {
      const std::string text = checked(make_frame({.source = ip(source),
                                                   .destination = ip(destination),
                                                   .source_port = 40000,
                                                   .destination_port = 80,
                                                   .protocol = protocol}));
      EXPECT_EQ(text.find("BAD"), std::string::npos) << text;
      EXPECT_EQ(text.find("trunc"), std::string::npos) << text;
    }
  }
}

TEST(SyntheticPacket, IsDescribedAsWhatItIs) {
  EXPECT_EQ(describe_frame(make_frame({.source = ip("10.0.0.1"),
                                       .destination = ip("10.0.0.2"),
                                       .source_port = 40000,
                                       .destination_port = 80})),
            "10.0.0.1:40000 -> 10.0.0.2:80 TCP SYN");
  EXPECT_EQ(describe_frame(make_frame({.source = ip("fd00::1"),
                                       .destination = ip("fd00::2"),
                                       .source_port = 5,
                                       .protocol = 58})),
            "fd00::1 -> fd00::2 ICMP echo request");
}

TEST(SyntheticPacket, BytesThatAreNoneAreSaidToBeSo) {
  EXPECT_EQ(describe_frame("short"), "no Ethernet frame");
  EXPECT_EQ(describe_frame(std::string(14, '\0')), "EtherType 0x0000");
  EXPECT_EQ(describe_frame(std::string(12, '\0') + "\x08" + std::string(5, '\0')),
            "a truncated packet");
}

}  // namespace
}  // namespace skiff::trace
