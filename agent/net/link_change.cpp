// SPDX-License-Identifier: Apache-2.0
// Changes to a device that exists: each is one RTM_NEWLINK with the attribute to change.
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "agent/net/link.h"
#include "agent/net/message.h"

namespace skiff::net {
namespace {

Message change_of(const std::string& name, unsigned flags = 0, unsigned changed = 0) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_flags = flags;
  header.ifi_change = changed;
  Message message(RTM_NEWLINK, 0, header);
  message.put_string(IFLA_IFNAME, name);
  return message;
}

}  // namespace

Status set_up(Netlink& netlink, const std::string& name, bool up) {
  Message message = change_of(name, up ? IFF_UP : 0, IFF_UP);
  RETURN_IF_ERROR(netlink.request(message), "set {} {}", name, up ? "up" : "down");
  return absl::OkStatus();
}

Status set_mtu(Netlink& netlink, const std::string& name, uint32_t mtu) {
  Message message = change_of(name);
  message.put_u32(IFLA_MTU, mtu);
  RETURN_IF_ERROR(netlink.request(message), "set mtu {} of {}", mtu, name);
  return absl::OkStatus();
}

Status set_mac(Netlink& netlink, const std::string& name, const MacAddress& mac) {
  Message message = change_of(name);
  message.put(IFLA_ADDRESS, mac.data(), mac.size());
  RETURN_IF_ERROR(netlink.request(message), "set address {} of {}", to_string(mac), name);
  return absl::OkStatus();
}

Status rename_link(Netlink& netlink, const std::string& name, const std::string& new_name) {
  ASSIGN_OR_RETURN(const Link link, get_link(netlink, name), "rename to {}", new_name);
  ifinfomsg header{};
  header.ifi_index = link.index;
  Message message(RTM_NEWLINK, 0, header);
  message.put_string(IFLA_IFNAME, new_name);
  RETURN_IF_ERROR(netlink.request(message), "rename {} to {}", name, new_name);
  return absl::OkStatus();
}

Status set_master(Netlink& netlink, const std::string& name, const std::string& bridge) {
  uint32_t master = 0;
  if (!bridge.empty()) {
    ASSIGN_OR_RETURN(const Link link, get_link(netlink, bridge), "attach {}", name);
    master = static_cast<uint32_t>(link.index);
  }
  Message message = change_of(name);
  message.put_u32(IFLA_MASTER, master);
  RETURN_IF_ERROR(netlink.request(message), "attach {} to bridge \"{}\"", name, bridge);
  return absl::OkStatus();
}

Status set_hairpin(Netlink& netlink, const std::string& name, bool hairpin) {
  ASSIGN_OR_RETURN(const Link link, get_link(netlink, name), "set hairpin");
  ifinfomsg header{};
  header.ifi_family = AF_BRIDGE;
  header.ifi_index = link.index;
  Message message(RTM_SETLINK, 0, header);
  nlattr* port = message.begin_nest(IFLA_PROTINFO | NLA_F_NESTED);
  message.put_u8(IFLA_BRPORT_MODE, hairpin ? 1 : 0);
  message.end_nest(port);
  RETURN_IF_ERROR(netlink.request(message), "set hairpin of {}", name);
  return absl::OkStatus();
}

Status move_to_netns(Netlink& netlink, const std::string& name, const Netns& target) {
  Message message = change_of(name);
  message.put_u32(IFLA_NET_NS_FD, static_cast<uint32_t>(target.fd()));
  RETURN_IF_ERROR(netlink.request(message), "move {} to another netns", name);
  return absl::OkStatus();
}

}  // namespace skiff::net
