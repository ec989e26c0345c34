// SPDX-License-Identifier: Apache-2.0
#include "agent/net/qdisc.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

tcmsg header_of(int link_index, uint32_t parent = 0, uint32_t handle = 0) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = link_index;
  header.tcm_parent = parent;
  header.tcm_handle = handle;
  return header;
}

std::optional<Qdisc> parse_qdisc(nlmsghdr* object, int link_index) {
  if (object->nlmsg_type != RTM_NEWQDISC) return std::nullopt;
  const auto* header = static_cast<const tcmsg*>(nlmsg_data(object));
  nlattr* attributes[TCA_MAX + 1];
  if (header->tcm_ifindex != link_index ||
      nlmsg_parse(object, sizeof(tcmsg), attributes, TCA_MAX, nullptr) < 0)
    return std::nullopt;
  Qdisc qdisc{.kind = {}, .handle = header->tcm_handle, .parent = header->tcm_parent};
  if (attributes[TCA_KIND]) qdisc.kind = nla_get_string(attributes[TCA_KIND]);
  return qdisc;
}

Message change_of(int link_index, uint32_t parent, uint32_t handle, const std::string& kind) {
  Message message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                  header_of(link_index, parent, handle));
  message.put_string(TCA_KIND, kind);
  return message;
}

}  // namespace

Result<std::vector<Qdisc>> list_qdiscs(Netlink& netlink, int link_index) {
  ASSIGN_OR_RETURN(auto qdiscs,
                   dump<Qdisc>(netlink, RTM_GETQDISC, header_of(0),
                               [&](nlmsghdr* object) { return parse_qdisc(object, link_index); }),
                   "list queues of device {}", link_index);
  const auto root = std::ranges::find(qdiscs, kRootQdisc, &Qdisc::parent);
  if (root != qdiscs.end()) std::rotate(qdiscs.begin(), root, root + 1);
  return qdiscs;
}

Status replace_token_bucket(Netlink& netlink, int link_index, const TokenBucket& bucket) {
  constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();
  Message message = change_of(link_index, kRootQdisc, 0, "tbf");
  tc_tbf_qopt options{};
  options.rate.rate = static_cast<uint32_t>(std::min(bucket.bytes_per_second, kMax32));
  options.rate.linklayer = TC_LINKLAYER_ETHERNET;  // computes costs itself, without a table of ours
  options.limit = bucket.limit;
  nlattr* nest = message.begin_nest(TCA_OPTIONS);
  message.put(TCA_TBF_PARMS, &options, sizeof options);
  message.put_u32(TCA_TBF_BURST, bucket.burst);
  if (bucket.bytes_per_second > kMax32)
    message.put(TCA_TBF_RATE64, &bucket.bytes_per_second, sizeof bucket.bytes_per_second);
  message.end_nest(nest);
  RETURN_IF_ERROR(netlink.request(message), "set token bucket of device {}", link_index);
  return absl::OkStatus();
}

Status replace_fair_queue(Netlink& netlink, int link_index, uint32_t parent, uint32_t handle) {
  Message message = change_of(link_index, parent, handle, "fq");
  RETURN_IF_ERROR(netlink.request(message), "set fair queue of device {}", link_index);
  return absl::OkStatus();
}

Status replace_multi_queue(Netlink& netlink, int link_index, uint32_t handle) {
  Message message = change_of(link_index, kRootQdisc, handle, "mq");
  RETURN_IF_ERROR(netlink.request(message), "set queues of device {}", link_index);
  return absl::OkStatus();
}

Status delete_root_qdisc(Netlink& netlink, int link_index) {
  Message message(RTM_DELQDISC, 0, header_of(link_index, kRootQdisc));
  const Status status = netlink.request(message);
  // The default one cannot be deleted, and says ENOENT.
  if (status.code() == StatusCode::kNotFound) return absl::OkStatus();
  return annotate(status, fmt::format("delete queue of device {}", link_index));
}

}  // namespace skiff::net
