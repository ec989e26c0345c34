// SPDX-License-Identifier: Apache-2.0
// Tells the datapath of pods as the pod network makes them: the seam between agent/network and
// agent/datapath.
#pragma once

#include "agent/datapath/datapath.h"
#include "agent/network/attacher.h"

namespace skiff::agent {

class PodAttacher final : public network::Attacher {
 public:
  // `datapath` must outlive it.
  explicit PodAttacher(datapath::Datapath& datapath) : datapath_(datapath) {}
  awaitable<Status> attach(network::Attachment attachment) override;
  awaitable<Status> detach(network::Attachment attachment) override;

 private:
  datapath::Datapath& datapath_;
};

}  // namespace skiff::agent
