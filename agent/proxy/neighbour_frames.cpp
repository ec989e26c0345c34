// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/neighbour_frames.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>

#include <algorithm>
#include <cstring>

namespace skiff::proxy {
namespace {

constexpr net::MacAddress kBroadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr net::MacAddress kAllNodesMac = {0x33, 0x33, 0, 0, 0, 1};
constexpr uint8_t kHopLimit = 255;  // less has passed a router: not to be trusted

struct ArpFrame {
  ethhdr ethernet;
  arphdr header;
  uint8_t sender_mac[6];
  uint8_t sender[4];
  uint8_t target_mac[6];
  uint8_t target[4];
} __attribute__((packed));

struct NeighbourFrame {
  ethhdr ethernet;
  ip6_hdr ip;
  icmp6_hdr icmp;  // its data: the flags of an advertisement
  uint8_t target[16];
  nd_opt_hdr option;  // the link-layer address of its sender
  uint8_t mac[6];
} __attribute__((packed));

IpAddress read_v4(const uint8_t* bytes) {
  return IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
                       uint32_t{bytes[2]} << 8 | bytes[3]);
}

IpAddress read_v6(const void* bytes) {
  std::array<uint8_t, 16> address;
  std::memcpy(address.data(), bytes, address.size());
  return IpAddress(address);
}

void write_v4(uint8_t* to, const IpAddress& address) {
  std::memcpy(to, address.bytes().data() + 12, 4);
}

template <class T>
Frame bytes_of(const T& frame) {
  const auto* begin = reinterpret_cast<const uint8_t*>(&frame);
  return Frame(begin, begin + sizeof frame);
}

void write_ethernet(ethhdr& ethernet, const net::MacAddress& to, const net::MacAddress& from,
                    uint16_t kind) {
  std::copy(to.begin(), to.end(), ethernet.h_dest);
  std::copy(from.begin(), from.end(), ethernet.h_source);
  ethernet.h_proto = htons(kind);
}

Frame arp(uint16_t operation, const IpAddress& address, const net::MacAddress& mac,
          const IpAddress& to, const net::MacAddress& to_mac) {
  ArpFrame frame{};
  write_ethernet(frame.ethernet, to_mac, mac, ETH_P_ARP);
  frame.header = {.ar_hrd = htons(ARPHRD_ETHER),
                  .ar_pro = htons(ETH_P_IP),
                  .ar_hln = 6,
                  .ar_pln = 4,
                  .ar_op = htons(operation)};
  std::copy(mac.begin(), mac.end(), frame.sender_mac);
  write_v4(frame.sender, address);
  if (operation == ARPOP_REPLY) std::copy(to_mac.begin(), to_mac.end(), frame.target_mac);
  write_v4(frame.target, to);
  return bytes_of(frame);
}

// Over the pseudo header and everything behind the IPv6 header (RFC 2460, 8.1).
uint16_t checksum(const NeighbourFrame& frame) {
  uint32_t sum = 0;
  const auto add = [&sum](const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    for (size_t i = 0; i + 1 < size; i += 2) sum += uint32_t{bytes[i]} << 8 | bytes[i + 1];
  };
  constexpr size_t kBehind = sizeof(NeighbourFrame) - sizeof(ethhdr) - sizeof(ip6_hdr);
  add(reinterpret_cast<const uint8_t*>(&frame) + sizeof(ethhdr) + offsetof(ip6_hdr, ip6_src), 32);
  add(reinterpret_cast<const uint8_t*>(&frame) + sizeof(ethhdr) + sizeof(ip6_hdr), kBehind);
  sum += kBehind + IPPROTO_ICMPV6;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<uint16_t>(~sum));
}

Frame advertisement(const IpAddress& address, const net::MacAddress& mac, const IpAddress& to,
                    const net::MacAddress& to_mac, bool solicited) {
  NeighbourFrame frame{};
  write_ethernet(frame.ethernet, to_mac, mac, ETH_P_IPV6);
  frame.ip.ip6_flow = htonl(6u << 28);
  frame.ip.ip6_plen = htons(sizeof frame - sizeof(ethhdr) - sizeof(ip6_hdr));
  frame.ip.ip6_nxt = IPPROTO_ICMPV6;
  frame.ip.ip6_hlim = kHopLimit;
  std::memcpy(&frame.ip.ip6_src, address.bytes().data(), 16);
  std::memcpy(&frame.ip.ip6_dst, to.bytes().data(), 16);
  frame.icmp.icmp6_type = ND_NEIGHBOR_ADVERT;
  const uint32_t flags = ND_NA_FLAG_OVERRIDE | (solicited ? ND_NA_FLAG_SOLICITED : 0);
  std::memcpy(frame.icmp.icmp6_dataun.icmp6_un_data8, &flags, sizeof flags);
  std::memcpy(frame.target, address.bytes().data(), 16);
  frame.option = {.nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1};
  std::copy(mac.begin(), mac.end(), frame.mac);
  frame.icmp.icmp6_cksum = checksum(frame);
  return bytes_of(frame);
}

IpAddress all_nodes() {
  return IpAddress({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

}  // namespace

std::optional<NeighbourQuestion> parse_arp(std::span<const uint8_t> bytes) {
  ArpFrame frame;
  if (bytes.size() < sizeof frame) return std::nullopt;
  std::memcpy(&frame, bytes.data(), sizeof frame);
  if (frame.ethernet.h_proto != htons(ETH_P_ARP) || frame.header.ar_pro != htons(ETH_P_IP) ||
      frame.header.ar_hln != 6 || frame.header.ar_pln != 4 ||
      frame.header.ar_op != htons(ARPOP_REQUEST))
    return std::nullopt;
  NeighbourQuestion question{.wanted = read_v4(frame.target), .asker = read_v4(frame.sender)};
  std::copy(std::begin(frame.sender_mac), std::end(frame.sender_mac), question.asker_mac.begin());
  return question;
}

std::optional<NeighbourQuestion> parse_solicitation(std::span<const uint8_t> bytes) {
  NeighbourFrame frame{};
  constexpr size_t kWithoutOption = offsetof(NeighbourFrame, option);
  if (bytes.size() < kWithoutOption) return std::nullopt;
  std::memcpy(&frame, bytes.data(), kWithoutOption);
  if (frame.ethernet.h_proto != htons(ETH_P_IPV6) || frame.ip.ip6_nxt != IPPROTO_ICMPV6 ||
      frame.icmp.icmp6_type != ND_NEIGHBOR_SOLICIT || frame.ip.ip6_hlim != kHopLimit)
    return std::nullopt;
  NeighbourQuestion question{.wanted = read_v6(frame.target), .asker = read_v6(&frame.ip.ip6_src)};
  std::copy(std::begin(frame.ethernet.h_source), std::end(frame.ethernet.h_source),
            question.asker_mac.begin());
  return question;
}

Frame answer(const NeighbourQuestion& question, const net::MacAddress& mac) {
  if (question.wanted.is_v4())
    return arp(ARPOP_REPLY, question.wanted, mac, question.asker, question.asker_mac);
  // Who looks whether the address is free has none to be answered at: everybody hears it.
  if (question.asker.is_unspecified()) return announcement(question.wanted, mac);
  return advertisement(question.wanted, mac, question.asker, question.asker_mac, true);
}

Frame announcement(const IpAddress& address, const net::MacAddress& mac) {
  // An ARP request for itself: understood by more than an unasked reply (RFC 5227, 3).
  if (address.is_v4()) return arp(ARPOP_REQUEST, address, mac, address, kBroadcast);
  return advertisement(address, mac, all_nodes(), kAllNodesMac, false);
}

}  // namespace skiff::proxy
