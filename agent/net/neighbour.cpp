// SPDX-License-Identifier: Apache-2.0
#include "agent/net/neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

ndmsg header_of(int link_index, const IpAddress& ip) {
  ndmsg header{};
  header.ndm_family = family_of(ip);
  header.ndm_ifindex = link_index;
  header.ndm_state = NUD_PERMANENT;
  return header;
}

}  // namespace

Status replace_neighbour(Netlink& netlink, int link_index, const IpAddress& ip,
                         const MacAddress& mac) {
  Message message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, header_of(link_index, ip));
  message.put_ip(NDA_DST, ip);
  message.put(NDA_LLADDR, mac.data(), mac.size());
  RETURN_IF_ERROR(netlink.request(message), "replace neighbour {} on link with index {}",
                  ip.to_string(), link_index);
  return absl::OkStatus();
}

Status delete_neighbour(Netlink& netlink, int link_index, const IpAddress& ip) {
  Message message(RTM_DELNEIGH, 0, header_of(link_index, ip));
  message.put_ip(NDA_DST, ip);
  const Status status = netlink.request(message);
  if (status.code() == StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(status, "delete neighbour {} on link with index {}", ip.to_string(), link_index);
  return absl::OkStatus();
}

Result<std::vector<Neighbour>> list_neighbours(Netlink& netlink, int link_index) {
  const auto parse = [&](nlmsghdr* object) -> std::optional<Neighbour> {
    if (object->nlmsg_type != RTM_NEWNEIGH) return std::nullopt;
    const auto* header = static_cast<const ndmsg*>(nlmsg_data(object));
    nlattr* attributes[NDA_MAX + 1];
    if (header->ndm_ifindex != link_index ||
        nlmsg_parse(object, sizeof(ndmsg), attributes, NDA_MAX, nullptr) < 0 ||
        attributes[NDA_DST] == nullptr)
      return std::nullopt;
    Neighbour neighbour{
        link_index, read_ip(attributes[NDA_DST]), {}, (header->ndm_state & NUD_PERMANENT) != 0};
    if (const nlattr* mac = attributes[NDA_LLADDR]; mac && nla_len(mac) == 6)
      std::copy_n(static_cast<const uint8_t*>(nla_data(mac)), 6, neighbour.mac.begin());
    return neighbour;
  };
  ASSIGN_OR_RETURN(auto found, dump<Neighbour>(netlink, RTM_GETNEIGH, ndmsg{}, parse),
                   "list neighbours of link with index {}", link_index);
  return found;
}

}  // namespace skiff::net
