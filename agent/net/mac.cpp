// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "agent/net/link.h"

namespace skiff::net {

std::string to_string(const MacAddress& mac) {
  return fmt::format("{:02x}", fmt::join(mac, ":"));
}

Result<MacAddress> parse_mac(std::string_view text) {
  MacAddress mac{};
  const Status bad = invalid_argument("\"{}\" is not a MAC address", text);
  if (text.size() != 17) return bad;
  for (size_t i = 0; i < mac.size(); ++i) {
    const char* digits = text.data() + 3 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, mac[i], 16);
    if (error != std::errc() || end != digits + 2) return bad;
    if (i + 1 < mac.size() && digits[2] != ':') return bad;
  }
  return mac;
}

MacAddress mac_from_seed(std::string_view seed) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : seed) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(hash >> (8 * i));
  mac[0] = static_cast<uint8_t>((mac[0] & 0xfc) | 0x02);
  return mac;
}

}  // namespace skiff::net
