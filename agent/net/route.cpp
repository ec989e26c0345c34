// SPDX-License-Identifier: Apache-2.0
#include "agent/net/route.h"

#include <linux/rtnetlink.h>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

constexpr std::pair<RouteKind, uint8_t> kKinds[] = {{RouteKind::kUnicast, RTN_UNICAST},
                                                    {RouteKind::kLocal, RTN_LOCAL},
                                                    {RouteKind::kUnreachable, RTN_UNREACHABLE},
                                                    {RouteKind::kBlackhole, RTN_BLACKHOLE},
                                                    {RouteKind::kProhibit, RTN_PROHIBIT}};

uint8_t type_of(RouteKind kind) {
  for (const auto& [own, kernel] : kKinds)
    if (own == kind) return kernel;
  return RTN_UNSPEC;
}

std::optional<RouteKind> kind_of(uint8_t type) {
  for (const auto& [own, kernel] : kKinds)
    if (kernel == type) return own;
  return std::nullopt;
}

rtmsg header_of(const Route& route) {
  rtmsg header{};
  header.rtm_family = family_of(route.destination.base());
  header.rtm_dst_len = route.destination.prefix();
  header.rtm_table = RT_TABLE_UNSPEC;  // the attribute says, it has 32 bits
  header.rtm_protocol = route.protocol;
  header.rtm_type = type_of(route.kind);
  header.rtm_scope = RT_SCOPE_UNIVERSE;
  if (route.kind == RouteKind::kLocal) header.rtm_scope = RT_SCOPE_HOST;
  if (route.kind == RouteKind::kUnicast && !route.via && route.destination.is_v4())
    header.rtm_scope = RT_SCOPE_LINK;
  if (route.on_link) header.rtm_flags = RTNH_F_ONLINK;
  return header;
}

void put_route(Message& message, const Route& route) {
  message.put_u32(RTA_TABLE, route.table);
  if (route.destination.prefix() != 0) message.put_ip(RTA_DST, route.destination.base());
  if (route.via) message.put_ip(RTA_GATEWAY, *route.via);
  if (route.link_index != 0) message.put_u32(RTA_OIF, static_cast<uint32_t>(route.link_index));
  if (route.source) message.put_ip(RTA_PREFSRC, *route.source);
  if (route.metric != 0) message.put_u32(RTA_PRIORITY, route.metric);
}

IpAddress unspecified(uint8_t family) {
  return family == AF_INET ? IpAddress::v4(0) : IpAddress();
}

// Gateway and device of a multipath route's first hop.
void read_first_hop(const nlattr* multipath, Route& route) {
  const auto* hop = static_cast<const rtnexthop*>(nla_data(multipath));
  if (nla_len(multipath) < static_cast<int>(sizeof *hop) || hop->rtnh_len < sizeof *hop) return;
  route.link_index = hop->rtnh_ifindex;
  if (hop->rtnh_len > nla_len(multipath)) return;
  const auto* attributes = reinterpret_cast<const nlattr*>(hop + 1);
  const int length = hop->rtnh_len - static_cast<int>(sizeof *hop);
  if (const nlattr* gateway = nla_find(attributes, length, RTA_GATEWAY))
    route.via = read_ip(gateway);
}

std::optional<Route> parse_route(nlmsghdr* object) {
  if (object->nlmsg_type != RTM_NEWROUTE) return std::nullopt;
  const auto* header = static_cast<const rtmsg*>(nlmsg_data(object));
  const std::optional<RouteKind> kind = kind_of(header->rtm_type);
  // Cloned entries are caches of lookups (IPv6 exceptions), not configuration.
  if (!kind || header->rtm_flags & RTM_F_CLONED) return std::nullopt;
  nlattr* attributes[RTA_MAX + 1];
  if (nlmsg_parse(object, sizeof(rtmsg), attributes, RTA_MAX, nullptr) < 0) return std::nullopt;
  Route route;
  route.kind = *kind;
  route.protocol = header->rtm_protocol;
  route.on_link = header->rtm_flags & RTNH_F_ONLINK;
  route.destination =
      Cidr(attributes[RTA_DST] ? read_ip(attributes[RTA_DST]) : unspecified(header->rtm_family),
           header->rtm_dst_len);
  route.table = attributes[RTA_TABLE] ? nla_get_u32(attributes[RTA_TABLE]) : header->rtm_table;
  if (attributes[RTA_GATEWAY]) route.via = read_ip(attributes[RTA_GATEWAY]);
  if (attributes[RTA_OIF]) route.link_index = static_cast<int>(nla_get_u32(attributes[RTA_OIF]));
  if (attributes[RTA_PREFSRC]) route.source = read_ip(attributes[RTA_PREFSRC]);
  if (attributes[RTA_PRIORITY]) route.metric = nla_get_u32(attributes[RTA_PRIORITY]);
  if (attributes[RTA_MULTIPATH]) read_first_hop(attributes[RTA_MULTIPATH], route);
  return route;
}

bool is_link_local(const Cidr& range) {
  static const Cidr kLinkLocal = *Cidr::parse("fe80::/10");
  return kLinkLocal.contains(range.base());
}

}  // namespace

std::string Route::to_string() const {
  constexpr const char* kNames[] = {"", "local ", "unreachable ", "blackhole ", "prohibit "};
  std::string text = kNames[static_cast<size_t>(kind)] + destination.to_string();
  if (via) text += " via " + via->to_string();
  if (link_index != 0) text += fmt::format(" dev #{}", link_index);
  return text;
}

Status replace_route(Netlink& netlink, const Route& route) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header_of(route));
  put_route(message, route);
  RETURN_IF_ERROR(netlink.request(message), "replace route {}", route.to_string());
  return absl::OkStatus();
}

Status delete_route(Netlink& netlink, const Route& route) {
  Message message(RTM_DELROUTE, 0, header_of(route));
  put_route(message, route);
  const Status status = netlink.request(message);
  // A route goes by itself with its device.
  if (status.code() == StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(status, "delete route {}", route.to_string());
  return absl::OkStatus();
}

Result<std::vector<Route>> list_routes(Netlink& netlink, const RouteFilter& filter) {
  std::vector<Route> all;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    rtmsg header{};
    header.rtm_family = family;
    header.rtm_protocol = filter.protocol.value_or(0);  // the kernel filters since 4.20
    const auto parse = [&](nlmsghdr* object) -> std::optional<Route> {
      std::optional<Route> route = parse_route(object);
      if (!route || route->table != filter.table) return std::nullopt;
      if (filter.protocol && route->protocol != *filter.protocol) return std::nullopt;
      if (filter.link_index && route->link_index != *filter.link_index) return std::nullopt;
      return route;
    };
    ASSIGN_OR_RETURN(auto found, dump<Route>(netlink, RTM_GETROUTE, header, parse), "list routes");
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  return all;
}

Result<Route> lookup_route(Netlink& netlink, const IpAddress& destination) {
  rtmsg header{};
  header.rtm_family = family_of(destination);
  header.rtm_dst_len = destination.is_v4() ? 32 : 128;
  Message message(RTM_GETROUTE, 0, header);
  message.put_ip(RTA_DST, destination);
  std::optional<Route> found;
  RETURN_IF_ERROR(netlink.query(message,
                                [&](nlmsghdr* object) {
                                  // The answer itself is marked as cloned.
                                  auto* answer = static_cast<rtmsg*>(nlmsg_data(object));
                                  answer->rtm_flags &= ~static_cast<unsigned>(RTM_F_CLONED);
                                  found = parse_route(object);
                                }),
                  "route to {}", destination.to_string());
  if (!found) return not_found("route to {}: none", destination.to_string());
  return std::move(*found);
}

Result<std::vector<Cidr>> list_segments(Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto routes, list_routes(netlink, {.protocol = kProtocolKernel}),
                   "list segments");
  std::vector<Cidr> segments;
  for (const Route& route : routes)
    if (route.kind == RouteKind::kUnicast && !route.via && !is_link_local(route.destination))
      segments.push_back(route.destination);
  return segments;
}

Result<int> find_uplink(Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto routes, list_routes(netlink, {}), "find uplink");
  const Route* best = nullptr;
  for (const Route& route : routes) {
    if (route.destination.prefix() != 0 || route.kind != RouteKind::kUnicast ||
        route.link_index == 0)
      continue;
    const bool same_family = best != nullptr && best->destination == route.destination;
    if (best == nullptr || (same_family && route.metric < best->metric)) best = &route;
  }
  if (best == nullptr) return not_found("find uplink: no default route");
  return best->link_index;
}

}  // namespace skiff::net
