// SPDX-License-Identifier: Apache-2.0
// One GetFlows call.
#pragma once

#include "agent/trace/hub.h"
#include "agent/trace/hubble/write_stream.h"
#include "proto/hubble_observer.grpc.pb.h"

namespace skiff::trace::hubble {

class FlowStream final : public WriteStream<observer::GetFlowsResponse> {
 public:
  FlowStream(const Executor& executor, Hub& hub, observer::GetFlowsRequest request)
      : WriteStream(executor, "hubble flows"), hub_(hub), request_(std::move(request)) {}

 private:
  awaitable<grpc::Status> pump() override;
  awaitable<bool> tell_losses(uint64_t lost);
  SubscribeOptions options() const;

  Hub& hub_;
  observer::GetFlowsRequest request_;
  uint64_t told_lost_ = 0;
};

}  // namespace skiff::trace::hubble
