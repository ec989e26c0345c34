// SPDX-License-Identifier: Apache-2.0
// Tells the datapath of pods as the pod network makes them: the seam between agent/network and
// agent/datapath.
#pragma once

#include <functional>

#include "agent/datapath/datapath.h"
#include "agent/network/attacher.h"
#include "agent/socket_lb.h"

namespace skiff::agent {

class PodAttacher final : public network::Attacher {
 public:
  // Both must outlive it.
  PodAttacher(datapath::Datapath& datapath, SocketLb& socket_lb)
      : datapath_(datapath), socket_lb_(socket_lb) {}
  // `admit` puts a pod's policy in force before its first packet, `forget` comes after its last.
  void set_policy(std::function<Status(const network::Attachment&)> admit,
                  std::function<void(const network::Attachment&)> forget) {
    admit_ = std::move(admit);
    forget_ = std::move(forget);
  }
  awaitable<Status> attach(network::Attachment attachment) override;
  awaitable<Status> detach(network::Attachment attachment) override;
  awaitable<Status> set_overlay(network::Overlay overlay) override;

 private:
  datapath::Datapath& datapath_;
  SocketLb& socket_lb_;
  std::function<Status(const network::Attachment&)> admit_;
  std::function<void(const network::Attachment&)> forget_;
};

}  // namespace skiff::agent
