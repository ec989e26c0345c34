// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/devices.h"

#include <set>
#include <string_view>

namespace skiff::kube_proxy {

bool leads_outside(const net::Link& link) {
  static const std::set<std::string_view> kKinds = {"",     "bond",  "vlan",   "macvlan", "ipvlan",
                                                    "team", "vxlan", "geneve", "gre",     "gretap"};
  // The programs read an Ethernet header: ipip and wireguard have none.
  return link.up && link.name != "lo" && kKinds.contains(link.kind) && link.master == 0;
}

}  // namespace skiff::kube_proxy
