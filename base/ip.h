// SPDX-License-Identifier: Apache-2.0
// IP addresses as skiff keeps them everywhere: 16 bytes, IPv4 mapped into ::ffff:0:0/96 (ADR 0005).
// One code path for both.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff {

class IpAddress {
 public:
  IpAddress() = default;  // ::
  explicit IpAddress(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}
  static IpAddress v4(uint32_t host_order);
  // "10.0.0.1" or "fd00::1". Leading zeros in IPv4 octets are refused (CVE-2021-29923).
  static Result<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  bool is_unspecified() const;  // 0.0.0.0 or ::
  bool is_loopback() const;
  bool is_link_local() const;
  uint32_t v4_host_order() const;  // is_v4() only
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // The address `offset` above this one (carry runs through all 16 bytes).
  IpAddress plus(uint64_t offset) const;
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<uint8_t, 16> bytes_{};
};

class Cidr {
 public:
  Cidr() = default;
  // Host bits of `address` below `prefix` are cleared. `prefix` counts in the address's own family
  // (IPv4: 0..32).
  Cidr(const IpAddress& address, uint8_t prefix);
  static Result<Cidr> parse(std::string_view text);

  bool contains(const IpAddress& address) const;
  bool is_v4() const { return base_.is_v4(); }
  const IpAddress& base() const { return base_; }
  uint8_t prefix() const { return prefix_; }
  // Prefix over the 16 mapped bytes (IPv4 /24 is 120).
  uint8_t mapped_prefix() const { return static_cast<uint8_t>(is_v4() ? prefix_ + 96 : prefix_); }
  std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;

 private:
  IpAddress base_;
  uint8_t prefix_ = 0;
};

}  // namespace skiff

template <>
struct std::hash<skiff::IpAddress> {
  size_t operator()(const skiff::IpAddress& ip) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(ip.bytes().data()), ip.bytes().size()});
  }
};
