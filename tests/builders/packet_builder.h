// SPDX-License-Identifier: Apache-2.0
// Ethernet frames for packet tables, checksums filled in, and the way back: a line of text that
// says what a frame is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace skiff::testing {

using Frame = std::vector<uint8_t>;

inline constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10;

// PacketBuilder("10.0.0.1", 40000, "10.0.0.2", 80).tcp(kSyn).build(). The family is that of the
// addresses, which must parse.
class PacketBuilder {
 public:
  PacketBuilder(std::string_view source, uint16_t source_port, std::string_view destination,
                uint16_t destination_port);

  PacketBuilder& tcp(uint8_t flags, uint32_t sequence = 1000, uint32_t acknowledgment = 0);
  PacketBuilder& udp();
  // The common header (verification tag, CRC32c), then the payload for chunks.
  PacketBuilder& sctp();
  // The checksum is left to the device, as processes of virtual devices send it: SCTP has none
  // then, TCP and UDP the sum of the pseudo header.
  PacketBuilder& offloaded();
  // The identifier is the port of the asking side, as the programs see it.
  PacketBuilder& echo_request(uint16_t identifier);
  PacketBuilder& echo_reply(uint16_t identifier);
  // Quotes the IP header and eight bytes of `quoted`. Type and code are the family's own; `mtu`
  // where it says "too big".
  PacketBuilder& icmp_error(uint8_t type, uint8_t code, const Frame& quoted, uint32_t mtu = 0);
  PacketBuilder& payload(std::string_view text);
  PacketBuilder& hop_limit(uint8_t hops);
  PacketBuilder& macs(const std::array<uint8_t, 6>& destination,
                      const std::array<uint8_t, 6>& source);
  // A fragment of a datagram: `offset` in bytes, a multiple of 8. Later ones carry only payload.
  PacketBuilder& fragment(uint32_t identification, uint16_t offset, bool more);
  PacketBuilder& dont_fragment();
  // DSCP and ECN.
  PacketBuilder& traffic_class(uint8_t value);
  // UDP over IPv4 may go without.
  PacketBuilder& no_checksum();
  // IPv4: options, a multiple of four bytes.
  PacketBuilder& ip_options(std::string_view bytes);
  // IPv6: one more extension header of `type` after those there are, before the fragment header.
  // `body`: what follows its first two bytes, 6 bytes or 8 more, or 16 more…
  PacketBuilder& extension(uint8_t type, std::string_view body);
  Frame build() const;

 private:
  Frame l4() const;
  Frame sctp_packet() const;
  Frame l3(size_t l4_length) const;
  Frame l3_v6(size_t l4_length) const;
  Frame fragment_header() const;

  IpAddress source_, destination_;
  uint16_t source_port_, destination_port_;
  uint8_t protocol_ = 17;
  uint8_t hops_ = 64;
  uint8_t tcp_flags_ = 0;
  uint8_t icmp_type_ = 0, icmp_code_ = 0;
  uint32_t sequence_ = 0, acknowledgment_ = 0, mtu_ = 0;
  std::string payload_;
  std::array<uint8_t, 6> destination_mac_{0x02, 0, 0, 0, 0, 0xd0};
  std::array<uint8_t, 6> source_mac_{0x02, 0, 0, 0, 0, 0x50};
  bool checksum_offloaded_ = false;
  bool is_fragment_ = false, more_fragments_ = false, dont_fragment_ = false;
  bool no_checksum_ = false;
  uint8_t traffic_class_ = 0;
  std::string ip_options_;
  std::vector<std::pair<uint8_t, std::string>> extensions_;
  uint16_t fragment_offset_ = 0;
  uint32_t identification_ = 0;
};

// CRC32c, as SCTP has it.
uint32_t crc32c(const uint8_t* data, size_t length);

// The first `length` bytes.
Frame truncated(Frame frame, size_t length);

// `10.0.0.1:40000 > 10.0.0.2:80 tcp S seq 1000 ack 0 ttl 64 len 0`, with `BAD IP CHECKSUM` and `BAD
// L4 CHECKSUM` where they are; ICMP errors show what they quote.
std::string describe(const Frame& frame);

}  // namespace skiff::testing
