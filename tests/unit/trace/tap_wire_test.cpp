// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_wire.h"

#include <gtest/gtest.h>

namespace skiff::trace {
namespace {

TEST(TapWire, ArrivesInWhateverPieces) {
  TapPacket packet{.time = TimePoint(std::chrono::nanoseconds(12345)), .place = 7};
  packet.event.tcp_sequence = 99;
  packet.note = "NETFILTER_DROP at nft_do_chain+0x3e8";
  packet.bytes = "frame";
  TapSocket socket{.time = packet.time, .pod = "shop/client", .why = "chosen"};
  socket.given.protocol = 6;
  const std::string stream =
      encode(TapPlace{.number = 7, .interface = "veth1", .pod = "shop/web", .inside = true}) +
      encode(packet) + encode(socket) + encode(TapCoverage{"12 points"}) +
      encode(TapTally{.packets = 1, .lost = 2, .lost_ring = 3, .lost_limit = 4, .reason = "over"});
  TapDecoder decoder;
  std::vector<TapMessage> messages;
  for (const char byte : stream) {
    decoder.add({&byte, 1});
    for (;;) {
      const auto message = decoder.next();
      ASSERT_TRUE(message.ok());
      if (!*message) break;
      messages.push_back(**message);
    }
  }
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(std::get<TapPlace>(messages[0]).pod, "shop/web");
  EXPECT_TRUE(std::get<TapPlace>(messages[0]).inside);
  EXPECT_EQ(std::get<TapPacket>(messages[1]).note, packet.note);
  EXPECT_EQ(std::get<TapPacket>(messages[1]).time, packet.time);
  EXPECT_EQ(std::get<TapPacket>(messages[1]).event.tcp_sequence, 99U);
  EXPECT_EQ(std::get<TapPacket>(messages[1]).bytes, "frame");
  EXPECT_EQ(std::get<TapSocket>(messages[2]).pod, "shop/client");
  EXPECT_EQ(std::get<TapSocket>(messages[2]).given.protocol, 6);
  EXPECT_EQ(std::get<TapSocket>(messages[2]).why, "chosen");
  EXPECT_EQ(std::get<TapCoverage>(messages[3]).text, "12 points");
  EXPECT_EQ(std::get<TapTally>(messages[4]).lost, 2U);
  EXPECT_EQ(std::get<TapTally>(messages[4]).lost_ring, 3U);
  EXPECT_EQ(std::get<TapTally>(messages[4]).lost_limit, 4U);
}

TEST(TapWire, RefusesWhatIsNoSuchStream) {
  for (const char* text : {"HTTP/1.1 500 Oops", "\xff\xff\xff\xffP", "\x01\x00\x00\x00Px"}) {
    TapDecoder decoder;
    decoder.add(std::string(text, 5) + std::string(70000, 'x'));
    EXPECT_EQ(decoder.next().status().code(), StatusCode::kDataLoss) << text;
  }
}

}  // namespace
}  // namespace skiff::trace
