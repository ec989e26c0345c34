// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_attacher.h"

namespace skiff::agent {

awaitable<Status> PodAttacher::attach(network::Attachment attachment) {
  datapath::PodAttachment pod;
  pod.ifindex = attachment.host_index;
  pod.addresses = attachment.addresses;
  pod.mac = attachment.pod_mac;
  pod.gateway_mac = attachment.host_mac;
  co_return annotate(datapath_.attach_pod(pod), "datapath");
}

awaitable<Status> PodAttacher::detach(network::Attachment attachment) {
  co_return annotate(datapath_.detach_pod(attachment.host_index), "datapath");
}

}  // namespace skiff::agent
