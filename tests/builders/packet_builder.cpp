// SPDX-License-Identifier: Apache-2.0
#include "tests/builders/packet_builder.h"

#include <netinet/in.h>

namespace skiff::testing {

namespace {

constexpr size_t kEthernet = 14;

void put16(Frame& frame, uint16_t value) {
  frame.push_back(static_cast<uint8_t>(value >> 8));
  frame.push_back(static_cast<uint8_t>(value));
}
void put32(Frame& frame, uint32_t value) {
  put16(frame, static_cast<uint16_t>(value >> 16));
  put16(frame, static_cast<uint16_t>(value));
}
void set16(Frame& frame, size_t at, uint16_t value) {
  frame[at] = static_cast<uint8_t>(value >> 8);
  frame[at + 1] = static_cast<uint8_t>(value);
}

void put_address(Frame& frame, const IpAddress& ip) {
  const auto& bytes = ip.bytes();
  frame.insert(frame.end(), bytes.begin() + (ip.is_v4() ? 12 : 0), bytes.end());
}

uint32_t sum(const uint8_t* data, size_t length) {
  uint32_t total = 0;
  for (size_t i = 0; i < length; ++i) total += i % 2 == 0 ? data[i] << 8 : data[i];
  return total;
}

uint16_t fold(uint32_t total) {
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<uint16_t>(~total);
}

uint32_t pseudo_header(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                       size_t length) {
  Frame header;
  put_address(header, source);
  put_address(header, destination);
  put32(header, static_cast<uint32_t>(length));
  put32(header, protocol);
  return sum(header.data(), header.size());
}

uint8_t icmp_protocol(const IpAddress& ip) {
  return ip.is_v4() ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
}

size_t checksum_offset(uint8_t protocol) {
  return protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 2;
}

}  // namespace

PacketBuilder::PacketBuilder(std::string_view source, uint16_t source_port,
                             std::string_view destination, uint16_t destination_port)
    : source_(IpAddress::parse(source).value()),
      destination_(IpAddress::parse(destination).value()),
      source_port_(source_port),
      destination_port_(destination_port) {}

PacketBuilder& PacketBuilder::tcp(uint8_t flags, uint32_t sequence, uint32_t acknowledgment) {
  protocol_ = IPPROTO_TCP;
  tcp_flags_ = flags;
  sequence_ = sequence;
  acknowledgment_ = acknowledgment;
  return *this;
}

PacketBuilder& PacketBuilder::udp() {
  protocol_ = IPPROTO_UDP;
  return *this;
}

PacketBuilder& PacketBuilder::sctp() {
  protocol_ = IPPROTO_SCTP;
  return *this;
}

PacketBuilder& PacketBuilder::offloaded() {
  checksum_offloaded_ = true;
  return *this;
}

PacketBuilder& PacketBuilder::echo_request(uint16_t identifier) {
  protocol_ = icmp_protocol(source_);
  icmp_type_ = source_.is_v4() ? 8 : 128;
  source_port_ = identifier;
  return *this;
}

PacketBuilder& PacketBuilder::echo_reply(uint16_t identifier) {
  echo_request(identifier);
  icmp_type_ = source_.is_v4() ? 0 : 129;
  return *this;
}

PacketBuilder& PacketBuilder::icmp_error(uint8_t type, uint8_t code, const Frame& quoted,
                                         uint32_t mtu) {
  protocol_ = icmp_protocol(source_);
  icmp_type_ = type;
  icmp_code_ = code;
  source_port_ = 0;
  mtu_ = mtu;
  const size_t length = (source_.is_v4() ? 20 : 40) + 8;
  payload_.assign(reinterpret_cast<const char*>(quoted.data()) + kEthernet, length);
  return *this;
}

PacketBuilder& PacketBuilder::payload(std::string_view text) {
  payload_ = text;
  return *this;
}

PacketBuilder& PacketBuilder::hop_limit(uint8_t hops) {
  hops_ = hops;
  return *this;
}

PacketBuilder& PacketBuilder::macs(const std::array<uint8_t, 6>& destination,
                                   const std::array<uint8_t, 6>& source) {
  destination_mac_ = destination;
  source_mac_ = source;
  return *this;
}

PacketBuilder& PacketBuilder::fragment(uint32_t identification, uint16_t offset, bool more) {
  is_fragment_ = true;
  identification_ = identification;
  fragment_offset_ = offset;
  more_fragments_ = more;
  return *this;
}

PacketBuilder& PacketBuilder::dont_fragment() {
  dont_fragment_ = true;
  return *this;
}

PacketBuilder& PacketBuilder::traffic_class(uint8_t value) {
  traffic_class_ = value;
  return *this;
}

PacketBuilder& PacketBuilder::no_checksum() {
  no_checksum_ = true;
  return *this;
}

PacketBuilder& PacketBuilder::ip_options(std::string_view bytes) {
  ip_options_ = bytes;
  return *this;
}

PacketBuilder& PacketBuilder::extension(uint8_t type, std::string_view body) {
  extensions_.emplace_back(type, body);
  return *this;
}

Frame PacketBuilder::sctp_packet() const {
  Frame out;
  put16(out, source_port_);
  put16(out, destination_port_);
  put32(out, 0x5c47aa01);
  put32(out, 0);
  out.insert(out.end(), payload_.begin(), payload_.end());
  if (checksum_offloaded_) return out;
  const uint32_t crc = crc32c(out.data(), out.size());
  for (size_t i = 0; i < 4; ++i) out[8 + i] = static_cast<uint8_t>(crc >> (8 * i));
  return out;
}

Frame PacketBuilder::l4() const {
  Frame out;
  if (is_fragment_ && fragment_offset_ > 0) {
    out.assign(payload_.begin(), payload_.end());
    return out;
  }
  if (protocol_ == IPPROTO_SCTP) return sctp_packet();
  if (protocol_ == IPPROTO_TCP) {
    put16(out, source_port_);
    put16(out, destination_port_);
    put32(out, sequence_);
    put32(out, acknowledgment_);
    out.push_back(5 << 4);
    out.push_back(tcp_flags_);
    put16(out, tcp_flags_ == (kRst | kAck) || tcp_flags_ == kRst ? 0 : 64240);
    put32(out, 0);
  } else if (protocol_ == IPPROTO_UDP) {
    put16(out, source_port_);
    put16(out, destination_port_);
    put16(out, static_cast<uint16_t>(8 + payload_.size()));
    put16(out, 0);
  } else {
    out = {icmp_type_, icmp_code_, 0, 0};
    put32(out, uint32_t{source_port_} << 16 | mtu_);
  }
  out.insert(out.end(), payload_.begin(), payload_.end());
  if (no_checksum_) return out;
  const bool pseudo = protocol_ != IPPROTO_ICMP;
  const uint32_t start = pseudo ? pseudo_header(source_, destination_, protocol_, out.size()) : 0;
  const uint16_t whole = fold(start + sum(out.data(), out.size()));
  set16(out, checksum_offset(protocol_),
        checksum_offloaded_ ? static_cast<uint16_t>(~fold(start)) : whole);
  return out;
}

Frame PacketBuilder::fragment_header() const {
  Frame out = {protocol_, 0};
  put16(out, static_cast<uint16_t>(fragment_offset_ | (more_fragments_ ? 1 : 0)));
  put32(out, identification_);
  return out;
}

// The chain of extension headers, each naming the next.
Frame PacketBuilder::l3_v6(size_t l4_length) const {
  Frame chain;
  for (size_t i = 0; i < extensions_.size(); ++i) {
    const std::string& body = extensions_[i].second;
    const bool last = i + 1 == extensions_.size();
    chain.push_back(!last          ? extensions_[i + 1].first
                    : is_fragment_ ? uint8_t{IPPROTO_FRAGMENT}
                                   : protocol_);
    chain.push_back(static_cast<uint8_t>((body.size() + 2) / 8 - 1));
    chain.insert(chain.end(), body.begin(), body.end());
  }
  if (is_fragment_) {
    const Frame fragment = fragment_header();
    chain.insert(chain.end(), fragment.begin(), fragment.end());
  }
  Frame out = {static_cast<uint8_t>(0x60 | traffic_class_ >> 4),
               static_cast<uint8_t>(traffic_class_ << 4), 0, 0};
  put16(out, static_cast<uint16_t>(chain.size() + l4_length));
  out.push_back(!extensions_.empty() ? extensions_[0].first
                : is_fragment_       ? uint8_t{IPPROTO_FRAGMENT}
                                     : protocol_);
  out.push_back(hops_);
  put_address(out, source_);
  put_address(out, destination_);
  out.insert(out.end(), chain.begin(), chain.end());
  return out;
}

Frame PacketBuilder::l3(size_t l4_length) const {
  if (!source_.is_v4()) return l3_v6(l4_length);
  const size_t length = 20 + ip_options_.size();
  Frame out = {static_cast<uint8_t>(0x40 | length / 4), traffic_class_};
  put16(out, static_cast<uint16_t>(length + l4_length));
  put16(out, static_cast<uint16_t>(identification_));
  put16(out, static_cast<uint16_t>((dont_fragment_ ? 0x4000 : 0) | (more_fragments_ ? 0x2000 : 0) |
                                   fragment_offset_ / 8));
  out.insert(out.end(), {hops_, protocol_, 0, 0});
  put_address(out, source_);
  put_address(out, destination_);
  out.insert(out.end(), ip_options_.begin(), ip_options_.end());
  set16(out, 10, fold(sum(out.data(), out.size())));
  return out;
}

Frame PacketBuilder::build() const {
  Frame out(destination_mac_.begin(), destination_mac_.end());
  out.insert(out.end(), source_mac_.begin(), source_mac_.end());
  put16(out, source_.is_v4() ? 0x0800 : 0x86dd);
  const Frame body = l4(), header = l3(body.size());
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

uint32_t crc32c(const uint8_t* data, size_t length) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < length; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

Frame truncated(Frame frame, size_t length) {
  frame.resize(std::min(length, frame.size()));
  return frame;
}

}  // namespace skiff::testing
