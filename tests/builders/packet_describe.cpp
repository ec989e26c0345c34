// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "tests/builders/packet_builder.h"

namespace skiff::testing {

namespace {

constexpr size_t kEthernet = 14;

// A frame while it is being read: the addresses are kept for the checksums.
struct Reader {
  const Frame& frame;
  size_t at = kEthernet;
  bool quoted = false;  // inside an ICMP error: cut short, its L4 checksum is not kept up
  IpAddress source, destination;
  uint8_t protocol = 0;
  uint16_t l4_length = 0;
  bool later_fragment = false;
  bool any_fragment = false;

  uint16_t u16(size_t offset) const {
    const size_t i = at + offset;
    return i + 1 < frame.size() ? static_cast<uint16_t>(frame[i] << 8 | frame[i + 1]) : 0;
  }
  uint32_t u32(size_t offset) const { return uint32_t{u16(offset)} << 16 | u16(offset + 2); }
  uint8_t u8(size_t offset) const { return at + offset < frame.size() ? frame[at + offset] : 0; }
  bool has(size_t length) const { return at + length <= frame.size(); }
};

std::string name(const IpAddress& ip, uint16_t port) {
  return ip.is_v4() ? fmt::format("{}:{}", ip.to_string(), port)
                    : fmt::format("[{}]:{}", ip.to_string(), port);
}

uint32_t sum(const Frame& frame, size_t from, size_t to) {
  uint32_t total = 0;
  for (size_t i = from; i < to && i < frame.size(); ++i) {
    total += (i - from) % 2 == 0 ? frame[i] << 8 : frame[i];
  }
  return total;
}

bool zero_sum(uint32_t total) {
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return total == 0xffff;
}

IpAddress v6_at(const Reader& reader, size_t offset) {
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < 16; ++i) bytes[i] = reader.u8(offset + i);
  return IpAddress(bytes);
}

std::string read_v4(Reader& reader) {
  reader.source = IpAddress::v4(reader.u32(12));
  reader.destination = IpAddress::v4(reader.u32(16));
  reader.protocol = reader.u8(9);
  const size_t header = (reader.u8(0) & 0xf) * 4;
  reader.l4_length = static_cast<uint16_t>(reader.u16(2) - header);
  const uint16_t fragment = reader.u16(6);
  std::string text = fmt::format("ttl {}", reader.u8(8));
  if ((fragment & 0x3fff) != 0) {
    reader.any_fragment = true;
    reader.later_fragment = (fragment & 0x1fff) != 0;
    text += fmt::format(" fragment {}+{}", reader.u16(4), (fragment & 0x1fff) * 8);
  }
  if (reader.u8(1) != 0) text += fmt::format(" tos {:#x}", reader.u8(1));
  if (header > 20) text += fmt::format(" options {}", header - 20);
  if (!zero_sum(sum(reader.frame, reader.at, reader.at + header))) text += " BAD IP CHECKSUM";
  reader.at += header;
  return text;
}

std::string read_v6(Reader& reader) {
  reader.source = v6_at(reader, 8);
  reader.destination = v6_at(reader, 24);
  reader.protocol = reader.u8(6);
  reader.l4_length = reader.u16(4);
  std::string text = fmt::format("ttl {}", reader.u8(7));
  if (const int traffic_class = reader.u16(0) >> 4 & 0xff; traffic_class != 0)
    text += fmt::format(" tos {:#x}", traffic_class);
  reader.at += 40;
  while (reader.has(8) &&
         (reader.protocol == IPPROTO_HOPOPTS || reader.protocol == IPPROTO_ROUTING ||
          reader.protocol == IPPROTO_DSTOPTS)) {
    const uint16_t length = static_cast<uint16_t>((reader.u8(1) + 1) * 8);
    text += fmt::format(" extension {}+{}", reader.protocol, length);
    reader.protocol = reader.u8(0);
    reader.at += length;
    reader.l4_length = static_cast<uint16_t>(reader.l4_length - length);
  }
  if (reader.protocol == IPPROTO_FRAGMENT) {
    reader.any_fragment = true;
    reader.protocol = reader.u8(0);
    reader.later_fragment = (reader.u16(2) & 0xfff8) != 0;
    text += fmt::format(" fragment {}+{}", reader.u32(4), reader.u16(2) & 0xfff8);
    reader.at += 8;
    reader.l4_length = static_cast<uint16_t>(reader.l4_length - 8);
  }
  return text;
}

bool crc_good(const Reader& reader) {
  if (!reader.has(12)) return false;
  Frame packet(reader.frame.begin() + static_cast<long>(reader.at), reader.frame.end());
  packet.resize(reader.l4_length);
  uint32_t told = 0;
  for (size_t i = 0; i < 4; ++i) {
    told |= uint32_t{packet[8 + i]} << (8 * i);
    packet[8 + i] = 0;
  }
  return told == 0 || told == crc32c(packet.data(), packet.size());  // 0: left to the device
}

bool l4_checksum_good(const Reader& reader) {
  if (reader.protocol == IPPROTO_SCTP) return reader.l4_length >= 12 && crc_good(reader);
  const bool none = reader.protocol == IPPROTO_UDP && reader.source.is_v4() && reader.u16(6) == 0;
  if (none) return true;
  uint32_t total = sum(reader.frame, reader.at, reader.at + reader.l4_length);
  if (reader.protocol != IPPROTO_ICMP) {
    for (const IpAddress* ip : {&reader.source, &reader.destination}) {
      for (size_t i = 0; i < 16; i += 2) total += ip->bytes()[i] << 8 | ip->bytes()[i + 1];
    }
    total += reader.l4_length + reader.protocol;
  }
  return zero_sum(total);
}

std::string flags_text(uint8_t flags) {
  std::string text;
  constexpr std::string_view kLetters = "FSRPA";
  for (size_t i = 0; i < kLetters.size(); ++i) {
    if ((flags & (1 << i)) != 0) text += kLetters[i];
  }
  return text;
}

std::string read_ip(Reader& reader);

std::string read_icmp(Reader& reader) {
  const uint8_t type = reader.u8(0);
  const bool v4 = reader.protocol == IPPROTO_ICMP;
  std::string text = fmt::format("icmp {}/{}", type, reader.u8(1));
  if (type == (v4 ? 8 : 128) || type == (v4 ? 0 : 129)) {
    return text + fmt::format(" id {}", reader.u16(4));
  }
  Reader quoted{.frame = reader.frame, .at = reader.at + 8, .quoted = true};
  return text + " {" + read_ip(quoted) + "}";
}

std::string read_ip(Reader& reader) {
  const uint8_t version = reader.u8(0) >> 4;
  if (!reader.has(version == 4 ? 20 : 40)) return "truncated";
  const std::string l3 = version == 4 ? read_v4(reader) : read_v6(reader);
  const bool ports =
      !reader.later_fragment && (reader.protocol == IPPROTO_TCP || reader.protocol == IPPROTO_UDP ||
                                 reader.protocol == IPPROTO_SCTP);
  std::string text = fmt::format("{} > {} ", name(reader.source, ports ? reader.u16(0) : 0),
                                 name(reader.destination, ports ? reader.u16(2) : 0));
  if (reader.later_fragment) {
    text += fmt::format("proto {}", reader.protocol);
  } else if (reader.protocol == IPPROTO_TCP && !reader.quoted) {
    text += fmt::format("tcp {} seq {} ack {}", flags_text(reader.u8(13)), reader.u32(4),
                        reader.u32(8));
  } else if (ports) {
    text += reader.protocol == IPPROTO_TCP    ? "tcp"
            : reader.protocol == IPPROTO_SCTP ? "sctp"
                                              : "udp";
  } else {
    text += read_icmp(reader);
  }
  text += fmt::format(" {}", l3);
  if (reader.quoted) return text;
  text += fmt::format(" len {}", reader.l4_length);
  if (!reader.any_fragment && !l4_checksum_good(reader)) text += " BAD L4 CHECKSUM";
  return text;
}

}  // namespace

std::string describe(const Frame& frame) {
  Reader reader{.frame = frame};
  if (!reader.has(20)) return fmt::format("{} bytes", frame.size());
  return read_ip(reader);
}

}  // namespace skiff::testing
