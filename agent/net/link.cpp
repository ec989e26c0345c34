// SPDX-License-Identifier: Apache-2.0
#include "agent/net/link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

ifinfomsg header_of(int index = 0) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  return header;
}

Status check_name(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ)
    return invalid_argument("link name \"{}\": want 1 to {} characters", name, IFNAMSIZ - 1);
  return absl::OkStatus();
}

std::optional<Link> parse_link(nlmsghdr* object) {
  if (object->nlmsg_type != RTM_NEWLINK) return std::nullopt;
  nlattr* attributes[IFLA_MAX + 1];
  if (nlmsg_parse(object, sizeof(ifinfomsg), attributes, IFLA_MAX, nullptr) < 0)
    return std::nullopt;
  const auto* header = static_cast<const ifinfomsg*>(nlmsg_data(object));
  Link link;
  link.index = header->ifi_index;
  link.up = header->ifi_flags & IFF_UP;
  link.running = header->ifi_flags & IFF_RUNNING;
  if (attributes[IFLA_IFNAME]) link.name = nla_get_string(attributes[IFLA_IFNAME]);
  if (const nlattr* mac = attributes[IFLA_ADDRESS]; mac && nla_len(mac) == 6)
    std::copy_n(static_cast<const uint8_t*>(nla_data(mac)), 6, link.mac.begin());
  if (attributes[IFLA_MTU]) link.mtu = nla_get_u32(attributes[IFLA_MTU]);
  if (attributes[IFLA_NUM_TX_QUEUES]) link.tx_queues = nla_get_u32(attributes[IFLA_NUM_TX_QUEUES]);
  if (attributes[IFLA_MASTER]) link.master = static_cast<int>(nla_get_u32(attributes[IFLA_MASTER]));
  if (attributes[IFLA_LINK]) link.peer_index = static_cast<int>(nla_get_u32(attributes[IFLA_LINK]));
  if (attributes[IFLA_LINKINFO])
    if (nlattr* kind = nla_find(static_cast<nlattr*>(nla_data(attributes[IFLA_LINKINFO])),
                                nla_len(attributes[IFLA_LINKINFO]), IFLA_INFO_KIND))
      link.kind = nla_get_string(kind);
  return link;
}

Result<Link> query_link(Netlink& netlink, Message& message) {
  std::optional<Link> found;
  RETURN_IF_ERROR(netlink.query(message, [&](nlmsghdr* object) { found = parse_link(object); }));
  if (!found) return not_found("no such device");
  return std::move(*found);
}

void put_end(Message& message, const VethEnd& end, uint32_t mtu) {
  message.put_string(IFLA_IFNAME, end.name);
  if (end.mac) message.put(IFLA_ADDRESS, end.mac->data(), end.mac->size());
  if (mtu != 0) message.put_u32(IFLA_MTU, mtu);
  if (end.netns != nullptr) message.put_u32(IFLA_NET_NS_FD, static_cast<uint32_t>(end.netns->fd()));
}

Status create_plain(Netlink& netlink, const std::string& name, const std::string& kind) {
  RETURN_IF_ERROR(check_name(name));
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header_of());
  message.put_string(IFLA_IFNAME, name);
  nlattr* info = message.begin_nest(IFLA_LINKINFO);
  message.put_string(IFLA_INFO_KIND, kind);
  message.end_nest(info);
  RETURN_IF_ERROR(netlink.request(message), "create {} {}", kind, name);
  return absl::OkStatus();
}

}  // namespace

Status create_veth(Netlink& netlink, const VethSpec& spec) {
  RETURN_IF_ERROR(check_name(spec.end.name));
  RETURN_IF_ERROR(check_name(spec.peer.name));
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header_of());
  put_end(message, spec.end, spec.mtu);
  nlattr* info = message.begin_nest(IFLA_LINKINFO);
  message.put_string(IFLA_INFO_KIND, "veth");
  nlattr* data = message.begin_nest(IFLA_INFO_DATA);
  nlattr* peer = message.begin_nest(VETH_INFO_PEER);
  message.append(header_of());
  put_end(message, spec.peer, spec.mtu);
  message.end_nest(peer);
  message.end_nest(data);
  message.end_nest(info);
  RETURN_IF_ERROR(netlink.request(message), "create veth {} with peer {}", spec.end.name,
                  spec.peer.name);
  return absl::OkStatus();
}

Status create_bridge(Netlink& netlink, const std::string& name) {
  return create_plain(netlink, name, "bridge");
}

Status delete_link(Netlink& netlink, const std::string& name) {
  RETURN_IF_ERROR(check_name(name));
  Message message(RTM_DELLINK, 0, header_of());
  message.put_string(IFLA_IFNAME, name);
  RETURN_IF_ERROR(netlink.request(message), "delete link {}", name);
  return absl::OkStatus();
}

Result<Link> get_link(Netlink& netlink, const std::string& name) {
  RETURN_IF_ERROR(check_name(name));
  Message message(RTM_GETLINK, 0, header_of());
  message.put_string(IFLA_IFNAME, name);
  ASSIGN_OR_RETURN(Link link, query_link(netlink, message), "link {}", name);
  return link;
}

Result<Link> get_link(Netlink& netlink, int index) {
  Message message(RTM_GETLINK, 0, header_of(index));
  ASSIGN_OR_RETURN(Link link, query_link(netlink, message), "link with index {}", index);
  return link;
}

Result<std::vector<Link>> list_links(Netlink& netlink) {
  ASSIGN_OR_RETURN(auto links, dump<Link>(netlink, RTM_GETLINK, header_of(), parse_link),
                   "list links");
  return links;
}

}  // namespace skiff::net
