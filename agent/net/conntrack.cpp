// SPDX-License-Identifier: Apache-2.0
#include "agent/net/conntrack.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

constexpr int kGet = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
constexpr int kDelete = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;

nfgenmsg header_for(uint8_t family) {
  return {.nfgen_family = family, .version = NFNETLINK_V0, .res_id = 0};
}

struct Tuple {
  FlowEnd source, destination;
  uint8_t protocol = 0;
};

uint16_t read_port(const nlattr* attribute) {
  return attribute == nullptr ? 0 : ntohs(nla_get_u16(attribute));
}

Tuple read_tuple(nlattr* attribute) {
  nlattr* parts[CTA_TUPLE_MAX + 1] = {};
  nlattr* addresses[CTA_IP_MAX + 1] = {};
  nlattr* ports[CTA_PROTO_MAX + 1] = {};
  Tuple tuple;
  if (attribute == nullptr || nla_parse_nested(parts, CTA_TUPLE_MAX, attribute, nullptr) < 0 ||
      parts[CTA_TUPLE_IP] == nullptr || parts[CTA_TUPLE_PROTO] == nullptr ||
      nla_parse_nested(addresses, CTA_IP_MAX, parts[CTA_TUPLE_IP], nullptr) < 0 ||
      nla_parse_nested(ports, CTA_PROTO_MAX, parts[CTA_TUPLE_PROTO], nullptr) < 0)
    return tuple;
  const bool v4 = addresses[CTA_IP_V4_SRC] != nullptr;
  tuple.source = {read_ip(addresses[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC]),
                  read_port(ports[CTA_PROTO_SRC_PORT])};
  tuple.destination = {read_ip(addresses[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST]),
                       read_port(ports[CTA_PROTO_DST_PORT])};
  if (ports[CTA_PROTO_NUM] != nullptr) tuple.protocol = nla_get_u8(ports[CTA_PROTO_NUM]);
  return tuple;
}

std::optional<TranslatedFlow> read_flow(nlmsghdr* object) {
  nlattr* attributes[CTA_MAX + 1] = {};
  if (nlmsg_parse(object, sizeof(nfgenmsg), attributes, CTA_MAX, nullptr) < 0) return std::nullopt;
  const uint32_t status =
      attributes[CTA_STATUS] == nullptr ? 0 : ntohl(nla_get_u32(attributes[CTA_STATUS]));
  const Tuple original = read_tuple(attributes[CTA_TUPLE_ORIG]);
  if ((status & IPS_DST_NAT) == 0 || original.protocol != IPPROTO_UDP) return std::nullopt;
  return TranslatedFlow{
      .source = original.source,
      .destination = original.destination,
      .backend = read_tuple(attributes[CTA_TUPLE_REPLY]).source,
      .zone = attributes[CTA_ZONE] == nullptr ? uint16_t{0} : read_port(attributes[CTA_ZONE])};
}

void put_port(Message& message, int attribute, uint16_t port) {
  const uint16_t wire = htons(port);
  message.put(attribute, &wire, sizeof wire);
}

Status forget_one(Netlink& netlink, const TranslatedFlow& flow) {
  const bool v4 = flow.source.address.is_v4();
  Message message(kDelete, 0, header_for(family_of(flow.source.address)));
  // Without a tuple the kernel would forget all there is.
  nlattr* tuple = message.begin_nest(CTA_TUPLE_ORIG | NLA_F_NESTED);
  nlattr* addresses = message.begin_nest(CTA_TUPLE_IP | NLA_F_NESTED);
  message.put_ip(v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, flow.source.address);
  message.put_ip(v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, flow.destination.address);
  message.end_nest(addresses);
  nlattr* ports = message.begin_nest(CTA_TUPLE_PROTO | NLA_F_NESTED);
  message.put_u8(CTA_PROTO_NUM, IPPROTO_UDP);
  put_port(message, CTA_PROTO_SRC_PORT, flow.source.port);
  put_port(message, CTA_PROTO_DST_PORT, flow.destination.port);
  message.end_nest(ports);
  message.end_nest(tuple);
  if (flow.zone != 0) put_port(message, CTA_ZONE, flow.zone);
  const Status status = netlink.request(message);
  return status.code() == StatusCode::kNotFound ? absl::OkStatus() : status;
}

}  // namespace

Result<std::vector<TranslatedFlow>> translated_datagrams() {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_NETFILTER), "tracked connections");
  std::vector<TranslatedFlow> flows;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    ASSIGN_OR_RETURN(const auto some,
                     dump<TranslatedFlow>(netlink, kGet, header_for(family), read_flow),
                     "list tracked connections");
    flows.insert(flows.end(), some.begin(), some.end());
  }
  return flows;
}

Status forget(const std::vector<TranslatedFlow>& flows) {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_NETFILTER), "tracked connections");
  for (const TranslatedFlow& flow : flows)
    RETURN_IF_ERROR(forget_one(netlink, flow), "forget a tracked connection");
  return absl::OkStatus();
}

}  // namespace skiff::net
