// SPDX-License-Identifier: Apache-2.0
// Neighbour entries: which MAC address answers for an IP address on a link.
#pragma once

#include <vector>

#include "agent/net/link.h"
#include "base/ip.h"

namespace skiff::net {

struct Neighbour {
  int link_index = 0;
  IpAddress ip;
  MacAddress mac{};
  bool permanent = false;

  bool operator==(const Neighbour&) const = default;
};

// A permanent entry: never asked for on the wire, never aged.
Status replace_neighbour(Netlink& netlink, int link_index, const IpAddress& ip,
                         const MacAddress& mac);
// Deleting an entry that is not there succeeds.
Status delete_neighbour(Netlink& netlink, int link_index, const IpAddress& ip);
Result<std::vector<Neighbour>> list_neighbours(Netlink& netlink, int link_index);

}  // namespace skiff::net
