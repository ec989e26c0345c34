// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_attacher.h"

#include "agent/network/shaping.h"

namespace skiff::agent {

namespace {

// What a queue lets go at once, and a little more: what it has let go is never dropped for it.
uint64_t burst_bits(uint64_t rate, uint64_t burst) {
  return uint64_t{network::token_bucket(rate, burst).burst} * 16;
}

datapath::PodLimits limits_of(const network::Attachment& attachment) {
  const network::Bandwidth& limit = attachment.bandwidth;
  return {.egress_rate = limit.egress_rate,
          .ingress_rate = limit.ingress_rate,
          .egress_burst = burst_bits(limit.egress_rate, limit.egress_burst),
          .ingress_burst = burst_bits(limit.ingress_rate, limit.ingress_burst),
          .ingress_queued = attachment.shaping.ingress_queued,
          .paced_uplink = attachment.shaping.paced_uplink};
}

}  // namespace

awaitable<Status> PodAttacher::attach(network::Attachment attachment) {
  if (admit_) CO_RETURN_IF_ERROR(admit_(attachment));
  CO_RETURN_IF_ERROR(co_await socket_lb_.attach(attachment));
  datapath::PodAttachment pod;
  pod.ifindex = attachment.host_index;
  pod.addresses = attachment.addresses;
  pod.mac = attachment.pod_mac;
  pod.gateway_mac = attachment.host_mac;
  pod.limits = limits_of(attachment);
  co_return annotate(datapath_.attach_pod(pod), "datapath");
}

awaitable<Status> PodAttacher::detach(network::Attachment attachment) {
  CO_RETURN_IF_ERROR(datapath_.detach_pod(attachment.host_index), "datapath");
  socket_lb_.detach(attachment);
  if (forget_) forget_(attachment);
  co_return absl::OkStatus();
}

awaitable<Status> PodAttacher::set_overlay(network::Overlay overlay) {
  std::vector<datapath::OverlayPeer> peers;
  for (const network::Tunnel& tunnel : overlay.tunnels)
    peers.push_back({.range = tunnel.range,
                     .remote = tunnel.remote,
                     .local = tunnel.local,
                     .routed = tunnel.routed});
  co_return annotate(datapath_.set_overlay(overlay.link_index, peers), "datapath");
}

}  // namespace skiff::agent
