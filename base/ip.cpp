// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace skiff {
namespace {

constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool bits_equal(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - bits % 8));
  return (a[whole] & mask) == (b[whole] & mask);
}

}  // namespace

IpAddress IpAddress::v4(uint32_t host_order) {
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), kV4Prefix.data(), kV4Prefix.size());
  for (int i = 0; i < 4; ++i) bytes[12 + i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return IpAddress(bytes);
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  // For inet_pton the text would end at a NUL.
  if (text.find('\0') != std::string_view::npos)
    return invalid_argument("\"{}\" is not an IP address", text);
  const std::string terminated(text);
  in_addr v4_address{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4_address) == 1) {
    // glibc refuses leading zeros only partly: 08 yes, 010 no.
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      const bool starts = i == 0 || text[i - 1] == '.';
      if (starts && text[i] == '0' && text[i + 1] != '.')
        return invalid_argument("IP address \"{}\": an octet starts with zero", text);
    }
    return v4(ntohl(v4_address.s_addr));
  }
  std::array<uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress(bytes);
  return invalid_argument("\"{}\" is not an IP address", text);
}

bool IpAddress::is_v4() const {
  return std::memcmp(bytes_.data(), kV4Prefix.data(), kV4Prefix.size()) == 0;
}

bool IpAddress::is_unspecified() const {
  return *this == IpAddress() || *this == v4(0);
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return *this == IpAddress().plus(1);
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return bytes_[12] == 169 && bytes_[13] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

uint32_t IpAddress::v4_host_order() const {
  return static_cast<uint32_t>(bytes_[12]) << 24 | static_cast<uint32_t>(bytes_[13]) << 16 |
         static_cast<uint32_t>(bytes_[14]) << 8 | bytes_[15];
}

IpAddress IpAddress::plus(uint64_t offset) const {
  std::array<uint8_t, 16> bytes = bytes_;
  for (int i = 15; i >= 0 && offset != 0; --i) {
    offset += bytes[static_cast<size_t>(i)];
    bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(offset);
    offset >>= 8;
  }
  return IpAddress(bytes);
}

std::string IpAddress::to_string() const {
  char buffer[INET6_ADDRSTRLEN];
  if (is_v4()) return ::inet_ntop(AF_INET, bytes_.data() + 12, buffer, sizeof buffer);
  return ::inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
}

Cidr::Cidr(const IpAddress& address, uint8_t prefix) : base_(address), prefix_(prefix) {
  std::array<uint8_t, 16> bytes = address.bytes();
  for (unsigned bit = mapped_prefix(); bit < 128; ++bit)
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] & ~(0x80u >> (bit % 8)));
  base_ = IpAddress(bytes);
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos)
    return invalid_argument("\"{}\" is not a CIDR: want ADDRESS/PREFIX", text);
  ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(text.substr(0, slash)));
  unsigned prefix = 0;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      prefix > (address.is_v4() ? 32u : 128u))
    return invalid_argument("\"{}\" is not a CIDR: bad prefix length", text);
  return Cidr(address, static_cast<uint8_t>(prefix));
}

bool Cidr::contains(const IpAddress& address) const {
  return bits_equal(base_.bytes(), address.bytes(), mapped_prefix());
}

std::string Cidr::to_string() const {
  return fmt::format("{}/{}", base_.to_string(), prefix_);
}

}  // namespace skiff
