// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/synthetic.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include "agent/trace/record.h"

namespace skiff::trace {
namespace {

constexpr size_t kEthernet = 14;
constexpr size_t kIpv4 = 20;
constexpr size_t kIpv6 = 40;

void put16(std::string& bytes, uint32_t value) {
  bytes += static_cast<char>(value >> 8);
  bytes += static_cast<char>(value);
}
void put32(std::string& bytes, uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes, value & 0xffff);
}
void set16(std::string& bytes, size_t at, uint32_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value);
}
uint8_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}
uint16_t get16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

// RFC 1071.
uint32_t checksum(std::string_view bytes, uint32_t sum) {
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) sum += get16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<uint32_t>(byte_at(bytes, bytes.size() - 1)) << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

std::string address_bytes(const IpAddress& ip) {
  const auto& all = ip.bytes();
  const size_t skip = ip.is_v4() ? 12 : 0;
  return {reinterpret_cast<const char*>(all.data()) + skip, all.size() - skip};
}

uint8_t wire_protocol(const SyntheticPacket& packet) {
  if (packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP) return packet.protocol;
  return packet.source.is_v4() ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
}

std::string transport(const SyntheticPacket& packet) {
  std::string bytes;
  size_t checksum_at = 2;
  if (packet.protocol == IPPROTO_TCP) {
    put16(bytes, packet.source_port);
    put16(bytes, packet.destination_port);
    put32(bytes, 1);
    put32(bytes, 0);
    put16(bytes, 0x5002);  // 20 bytes of header, SYN
    put16(bytes, 64240);
    put32(bytes, 0);
    checksum_at = 16;
  } else if (packet.protocol == IPPROTO_UDP) {
    put16(bytes, packet.source_port);
    put16(bytes, packet.destination_port);
    put16(bytes, 9);
    put16(bytes, 0);
    bytes += 'x';
    checksum_at = 6;
  } else {
    put16(bytes, packet.source.is_v4() ? 0x0800 : 0x8000);
    put16(bytes, 0);
    put16(bytes, packet.source_port);
    put16(bytes, 1);
  }
  uint32_t sum = 0;
  if (wire_protocol(packet) != IPPROTO_ICMP) {  // the pseudo header
    sum = checksum(address_bytes(packet.source) + address_bytes(packet.destination),
                   wire_protocol(packet) + static_cast<uint32_t>(bytes.size()));
  }
  const uint32_t folded = ~checksum(bytes, sum) & 0xffff;
  set16(bytes, checksum_at, folded == 0 ? 0xffff : folded);
  return bytes;
}

std::string network_header(const SyntheticPacket& packet, size_t payload) {
  std::string bytes;
  if (packet.source.is_v4()) {
    put16(bytes, 0x4500);
    put16(bytes, static_cast<uint32_t>(kIpv4 + payload));
    put32(bytes, 0x4000);  // do not fragment
    put16(bytes, 64U << 8 | wire_protocol(packet));
    put16(bytes, 0);
  } else {
    put32(bytes, 6U << 28);
    put16(bytes, static_cast<uint32_t>(payload));
    put16(bytes, static_cast<uint32_t>(wire_protocol(packet)) << 8 | 64U);
  }
  bytes += address_bytes(packet.source) + address_bytes(packet.destination);
  if (packet.source.is_v4()) set16(bytes, 10, ~checksum(bytes, 0) & 0xffff);
  return bytes;
}

IpAddress address_at(std::string_view frame, size_t at, bool v4) {
  std::array<uint8_t, 16> bytes{};
  if (v4) bytes[10] = bytes[11] = 0xff;
  for (size_t i = v4 ? 12 : 0; i < 16; ++i) bytes[i] = byte_at(frame, at + i - (v4 ? 12 : 0));
  return IpAddress(bytes);
}

std::string describe_icmp(bool v4, uint8_t type, uint8_t code) {
  if (type == (v4 ? 8 : 128)) return "ICMP echo request";
  if (type == (v4 ? 0 : 129)) return "ICMP echo reply";
  if (type == (v4 ? 3 : 1)) {
    if (code == (v4 ? 3 : 4)) return "ICMP port unreachable";
    return v4 && code == 4 ? "ICMP fragmentation needed" : "ICMP unreachable";
  }
  if (!v4 && type == 2) return "ICMP packet too big";
  return fmt::format("ICMP type {} code {}", type, code);
}

}  // namespace

std::string make_frame(const SyntheticPacket& packet) {
  const std::string payload = transport(packet);
  std::string frame;
  for (const uint8_t byte : packet.destination_mac) frame += static_cast<char>(byte);
  for (const uint8_t byte : packet.source_mac) frame += static_cast<char>(byte);
  put16(frame, packet.source.is_v4() ? 0x0800 : 0x86dd);
  return frame + network_header(packet, payload.size()) + payload;
}

std::string describe_frame(std::string_view frame) {
  if (frame.size() < kEthernet) return "no Ethernet frame";
  const uint16_t type = get16(frame, 12);
  const bool v4 = type == 0x0800;
  if (!v4 && type != 0x86dd) return fmt::format("EtherType 0x{:04x}", type);
  if (frame.size() < kEthernet + (v4 ? kIpv4 : kIpv6)) return "a truncated packet";
  const uint8_t protocol = byte_at(frame, kEthernet + (v4 ? 9 : 6));
  const IpAddress source = address_at(frame, kEthernet + (v4 ? 12 : 8), v4);
  const IpAddress destination = address_at(frame, kEthernet + (v4 ? 16 : 24), v4);
  const size_t l4 = kEthernet + (v4 ? (byte_at(frame, kEthernet) & 15U) * 4U : kIpv6);
  Peer from{.address = source};
  Peer to{.address = destination};
  const bool has_ports = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
  if (has_ports && frame.size() >= l4 + 4) {
    from.port = get16(frame, l4);
    to.port = get16(frame, l4 + 2);
  }
  std::string what = protocol_name(protocol);
  if (protocol == IPPROTO_TCP && frame.size() > l4 + 13)
    what += " " + tcp_flag_names(byte_at(frame, l4 + 13));
  if ((protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) && frame.size() > l4 + 1)
    what = describe_icmp(v4, byte_at(frame, l4), byte_at(frame, l4 + 1));
  return fmt::format("{} -> {} {}", describe(from), describe(to), what);
}

}  // namespace skiff::trace
