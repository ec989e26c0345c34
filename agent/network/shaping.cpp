// SPDX-License-Identifier: Apache-2.0
#include "agent/network/shaping.h"

#include <algorithm>

#include "agent/net/netns.h"

namespace skiff::network {
namespace {

constexpr uint64_t kUnspecifiedBurst = 0xffffffff;  // containerd's, for annotations
constexpr uint64_t kLargestPackets = 2 * 65536;
constexpr uint64_t kSmallestBurst = 4096;
constexpr uint64_t kMostBytes = 1ULL << 31;  // the kernel counts them in 32 bits

bool has_limit(const Attachment& a) {
  return a.bandwidth.ingress_rate != 0 || a.bandwidth.egress_rate != 0;
}

bool is_by_time_stamp(const std::vector<net::Qdisc>& qdiscs) {
  if (qdiscs.empty()) return false;
  if (qdiscs[0].kind == "fq") return true;
  return qdiscs[0].kind == "mq" && qdiscs.size() > 1 &&
         std::all_of(qdiscs.begin() + 1, qdiscs.end(),
                     [](const net::Qdisc& q) { return q.kind == "fq" || q.kind == "clsact"; });
}

Status replace_uplink_queues(net::Netlink& netlink, const Uplink& uplink) {
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, uplink.index));
  if (link.tx_queues <= 1)
    return net::replace_fair_queue(netlink, uplink.index, net::kRootQdisc, kUplinkQueueHandle);
  RETURN_IF_ERROR(net::replace_multi_queue(netlink, uplink.index, kUplinkQueueHandle));
  for (uint32_t queue = 1; queue <= link.tx_queues; ++queue)
    RETURN_IF_ERROR(net::replace_fair_queue(netlink, uplink.index, kUplinkQueueHandle + queue, 0));
  return absl::OkStatus();
}

// False where the kernel has none.
Result<bool> put_bucket(int link_index, uint64_t rate, uint64_t burst) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  const Status status = net::replace_token_bucket(netlink, link_index, token_bucket(rate, burst));
  if (status.code() == StatusCode::kNotFound) return false;
  RETURN_IF_ERROR(status);
  return true;
}

Result<bool> has_bucket(net::Netlink& netlink, int link_index) {
  ASSIGN_OR_RETURN(const auto qdiscs, net::list_qdiscs(netlink, link_index));
  return !qdiscs.empty() && qdiscs[0].kind == "tbf";
}

Status remove_bucket(int link_index) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const bool ours, has_bucket(netlink, link_index));
  return ours ? net::delete_root_qdisc(netlink, link_index) : absl::OkStatus();
}

Status check_bucket(int link_index, const std::string& interface) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const bool there, has_bucket(netlink, link_index));
  return there ? absl::OkStatus() : not_found("token bucket of {}: missing", interface);
}

}  // namespace

net::TokenBucket token_bucket(uint64_t rate, uint64_t burst) {
  const uint64_t bytes = std::max<uint64_t>(rate / 8, 1);
  const bool given = burst != 0 && burst != kUnspecifiedBurst;
  const uint64_t bucket =
      given ? std::max(burst / 8, kSmallestBurst) : std::max(bytes / 100, kLargestPackets);
  const uint64_t waiting = bucket + std::max(bytes / 20, kLargestPackets);
  return {.bytes_per_second = bytes,
          .burst = static_cast<uint32_t>(std::min(bucket, kMostBytes)),
          .limit = static_cast<uint32_t>(std::min(waiting, kMostBytes))};
}

Result<bool> pace_uplink(net::Netlink& netlink, const Uplink& uplink) {
  if (uplink.index == 0) return false;
  ASSIGN_OR_RETURN(const auto qdiscs, net::list_qdiscs(netlink, uplink.index));
  if (is_by_time_stamp(qdiscs)) return true;
  if (!qdiscs.empty() && qdiscs[0].handle != 0) return false;
  const Status replaced = replace_uplink_queues(netlink, uplink);
  if (replaced.ok()) return true;
  RETURN_IF_ERROR(net::delete_root_qdisc(netlink, uplink.index));
  if (replaced.code() == StatusCode::kNotFound) return false;
  return replaced;
}

Status remove_uplink_queues(net::Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto links, net::list_links(netlink));
  for (const net::Link& link : links) {
    ASSIGN_OR_RETURN(const auto qdiscs, net::list_qdiscs(netlink, link.index));
    if (!qdiscs.empty() && qdiscs[0].handle == kUplinkQueueHandle)
      RETURN_IF_ERROR(net::delete_root_qdisc(netlink, link.index));
  }
  return absl::OkStatus();
}

Result<Shaping> shape_pod_link(const Attachment& a, const Uplink& uplink) {
  Shaping shaping;
  if (!has_limit(a)) return shaping;
  const Bandwidth& limit = a.bandwidth;
  if (limit.ingress_rate != 0) {
    ASSIGN_OR_RETURN(shaping.ingress_queued,
                     put_bucket(a.host_index, limit.ingress_rate, limit.ingress_burst));
  }
  if (limit.egress_rate == 0) return shaping;
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const bool paced, pace_uplink(netlink, uplink), "uplink {}", uplink.name);
  ASSIGN_OR_RETURN(const net::Netns pod, net::Netns::open(a.netns));
  if (paced) {
    shaping.paced_uplink = uplink.index;
    RETURN_IF_ERROR(pod.run([&] { return remove_bucket(a.pod_index); }), "in pod");
    return shaping;
  }
  ASSIGN_OR_RETURN(shaping.egress_queued, pod.run([&] {
    return put_bucket(a.pod_index, limit.egress_rate, limit.egress_burst);
  }),
                   "in pod");
  return shaping;
}

Status check_pod_shaping(const Attachment& a) {
  if (a.shaping.ingress_queued) RETURN_IF_ERROR(check_bucket(a.host_index, a.host_interface));
  if (!a.shaping.egress_queued) return absl::OkStatus();
  ASSIGN_OR_RETURN(const net::Netns pod, net::Netns::open(a.netns));
  return annotate(pod.run([&] { return check_bucket(a.pod_index, a.interface); }), "in pod");
}

}  // namespace skiff::network
