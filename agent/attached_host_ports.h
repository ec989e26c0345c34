// SPDX-License-Identifier: Apache-2.0
// HostPorts as the CNI calls tell of them (capability portMappings): where the agent is the network
// of a cluster whose kubelet is not ours.
#pragma once

#include <map>
#include <string>

#include "agent/network/network.h"
#include "api/core/pod.h"
#include "kube/store.h"

namespace skiff::agent {

// A pod as far as its HostPorts go. Pure.
api::Pod pod_of(const network::Attachment& attachment);

// Belongs to the loop.
class AttachedHostPorts {
 public:
  explicit AttachedHostPorts(const Executor& executor) : pods_(executor) {}

  // What the service proxy reads.
  kube::Store<api::Pod>& pods() { return pods_; }
  // Once the network has restored its attachments: they are all there are.
  void follow(network::Network& network);
  void changed(const network::Attachment& attachment, bool attached);

 private:
  kube::Store<api::Pod> pods_;
  std::map<kube::ObjectKey, std::string> containers_;  // whose attachment the pod is made of
};

}  // namespace skiff::agent
