// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_attacher.h"

namespace skiff::agent {

awaitable<Status> PodAttacher::attach(network::Attachment attachment) {
  if (admit_) CO_RETURN_IF_ERROR(admit_(attachment));
  datapath::PodAttachment pod;
  pod.ifindex = attachment.host_index;
  pod.addresses = attachment.addresses;
  pod.mac = attachment.pod_mac;
  pod.gateway_mac = attachment.host_mac;
  co_return annotate(datapath_.attach_pod(pod), "datapath");
}

awaitable<Status> PodAttacher::detach(network::Attachment attachment) {
  CO_RETURN_IF_ERROR(datapath_.detach_pod(attachment.host_index), "datapath");
  if (forget_) forget_(attachment);
  co_return absl::OkStatus();
}

awaitable<Status> PodAttacher::set_overlay(network::Overlay overlay) {
  std::vector<datapath::OverlayPeer> peers;
  for (const network::Tunnel& tunnel : overlay.tunnels)
    peers.push_back({.range = tunnel.range, .remote = tunnel.remote, .local = tunnel.local});
  co_return annotate(datapath_.set_overlay(overlay.link_index, peers), "datapath");
}

}  // namespace skiff::agent
