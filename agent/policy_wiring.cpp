// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy among the agent's other parts.
#include "agent/daemon.h"

namespace skiff::agent {
namespace {

kube::ObjectKey key_of(const network::Attachment& attachment) {
  return {attachment.pod_namespace, attachment.pod_name};
}

}  // namespace

void Daemon::make_policy() {
  policy_ = std::make_unique<policy::Policy>(executor_, client_->shared_transport(),
                                             datapath_->maps(), registry_);
  attacher_->set_policy(
      [this](const network::Attachment& pod) {
        return policy_->admit({.key = key_of(pod), .addresses = pod.addresses}, pod.attached);
      },
      [this](const network::Attachment& pod) { policy_->forget(key_of(pod), pod.addresses); });
}

}  // namespace skiff::agent
