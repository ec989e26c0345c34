// SPDX-License-Identifier: Apache-2.0
// Addresses of devices.
#pragma once

#include <string>
#include <vector>

#include "agent/net/netlink.h"
#include "base/ip.h"

namespace skiff::net {

// An address as a device has it: unlike a Cidr it keeps its host bits.
struct InterfaceAddress {
  IpAddress ip;
  uint8_t prefix = 0;  // in the address's own family

  static InterfaceAddress host(const IpAddress& ip) {
    return {ip, static_cast<uint8_t>(ip.is_v4() ? 32 : 128)};
  }
  std::string to_string() const { return fmt::format("{}/{}", ip.to_string(), prefix); }
  auto operator<=>(const InterfaceAddress&) const = default;
};

struct AddressOptions {
  bool duplicate_detection = false;  // IPv6: off, an address is usable at once
  bool prefix_route = true;          // the kernel adds the route of the prefix by itself
  bool as_source = true;             // false: never chosen for what leaves by another device
};

// Adding an address that is there, or removing one that is not, succeeds.
Status add_address(Netlink& netlink, int link_index, const InterfaceAddress& address,
                   const AddressOptions& options = {});
Status remove_address(Netlink& netlink, int link_index, const InterfaceAddress& address);
Result<std::vector<InterfaceAddress>> list_addresses(Netlink& netlink, int link_index);
// Of all devices.
Result<std::vector<IpAddress>> list_own_addresses(Netlink& netlink);

}  // namespace skiff::net
