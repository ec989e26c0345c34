// SPDX-License-Identifier: Apache-2.0
#include "agent/net/address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

ifaddrmsg header_of(int link_index, const InterfaceAddress& address) {
  ifaddrmsg header{};
  header.ifa_family = family_of(address.ip);
  header.ifa_prefixlen = address.prefix;
  header.ifa_index = static_cast<uint32_t>(link_index);
  return header;
}

// `link_index` 0: of all devices.
Result<std::vector<InterfaceAddress>> dump_addresses(Netlink& netlink, int link_index) {
  ifaddrmsg header{};
  header.ifa_index = static_cast<uint32_t>(link_index);  // the kernel filters since 4.20
  const auto parse = [&](nlmsghdr* object) -> std::optional<InterfaceAddress> {
    if (object->nlmsg_type != RTM_NEWADDR) return std::nullopt;
    const auto* found = static_cast<const ifaddrmsg*>(nlmsg_data(object));
    if (link_index != 0 && static_cast<int>(found->ifa_index) != link_index) return std::nullopt;
    nlattr* attributes[IFA_MAX + 1];
    if (nlmsg_parse(object, sizeof(ifaddrmsg), attributes, IFA_MAX, nullptr) < 0)
      return std::nullopt;
    const nlattr* own = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    return InterfaceAddress{read_ip(own), found->ifa_prefixlen};
  };
  return dump<InterfaceAddress>(netlink, RTM_GETADDR, header, parse);
}

}  // namespace

Status add_address(Netlink& netlink, int link_index, const InterfaceAddress& address,
                   const AddressOptions& options) {
  ifaddrmsg header = header_of(link_index, address);
  if (!options.as_source && address.ip.is_v4()) header.ifa_scope = RT_SCOPE_HOST;
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, header);
  message.put_ip(IFA_LOCAL, address.ip);
  message.put_ip(IFA_ADDRESS, address.ip);
  uint32_t flags = 0;
  if (!address.ip.is_v4() && !options.duplicate_detection) flags |= IFA_F_NODAD;
  if (!options.prefix_route) flags |= IFA_F_NOPREFIXROUTE;
  message.put_u32(IFA_FLAGS, flags);
  // IPv6 knows no scope for it, but passes over addresses whose preference has run out.
  if (!options.as_source && !address.ip.is_v4()) {
    const ifa_cacheinfo deprecated{.ifa_prefered = 0, .ifa_valid = UINT32_MAX};
    message.put(IFA_CACHEINFO, &deprecated, sizeof deprecated);
  }
  const Status status = netlink.request(message);
  if (status.code() == StatusCode::kAlreadyExists) return absl::OkStatus();
  RETURN_IF_ERROR(status, "add address {} to link with index {}", address.to_string(), link_index);
  return absl::OkStatus();
}

Status remove_address(Netlink& netlink, int link_index, const InterfaceAddress& address) {
  Message message(RTM_DELADDR, 0, header_of(link_index, address));
  message.put_ip(IFA_LOCAL, address.ip);
  message.put_ip(IFA_ADDRESS, address.ip);
  const Status status = netlink.request(message);
  if (status.code() == StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(status, "remove address {} from link with index {}", address.to_string(),
                  link_index);
  return absl::OkStatus();
}

Result<std::vector<InterfaceAddress>> list_addresses(Netlink& netlink, int link_index) {
  auto addresses = dump_addresses(netlink, link_index);
  RETURN_IF_ERROR(addresses.status(), "list addresses of link with index {}", link_index);
  return addresses;
}

Result<std::vector<IpAddress>> list_own_addresses(Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto addresses, dump_addresses(netlink, 0), "list addresses");
  std::vector<IpAddress> own;
  for (const InterfaceAddress& each : addresses) own.push_back(each.ip);
  return own;
}

}  // namespace skiff::net
