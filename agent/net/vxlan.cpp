// SPDX-License-Identifier: Apache-2.0
#include "agent/net/vxlan.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include "agent/net/message.h"

namespace skiff::net {

Status create_vxlan(Netlink& netlink, const VxlanSpec& spec) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_flags = IFF_NOARP;
  header.ifi_change = IFF_NOARP;
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header);
  message.put_string(IFLA_IFNAME, spec.name);
  if (spec.mtu != 0) message.put_u32(IFLA_MTU, spec.mtu);
  nlattr* info = message.begin_nest(IFLA_LINKINFO);
  message.put_string(IFLA_INFO_KIND, "vxlan");
  nlattr* data = message.begin_nest(IFLA_INFO_DATA);
  const uint16_t port = htons(spec.port);
  message.put(IFLA_VXLAN_PORT, &port, sizeof port);
  message.put_u8(IFLA_VXLAN_LEARNING, 0);
  message.put_u8(IFLA_VXLAN_COLLECT_METADATA, 1);
  message.end_nest(data);
  message.end_nest(info);
  RETURN_IF_ERROR(netlink.request(message), "create vxlan {}", spec.name);
  return absl::OkStatus();
}

}  // namespace skiff::net
