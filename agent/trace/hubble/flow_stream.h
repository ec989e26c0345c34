// SPDX-License-Identifier: Apache-2.0
// One GetFlows call. Lives until gRPC is done with it and the loop is.
#pragma once

#include <memory>
#include <mutex>

#include "agent/trace/hub.h"
#include "base/async.h"
#include "proto/hubble_observer.grpc.pb.h"

namespace skiff::trace::hubble {

class FlowStream final : public grpc::ServerWriteReactor<observer::GetFlowsResponse>,
                         public std::enable_shared_from_this<FlowStream> {
 public:
  FlowStream(const Executor& executor, Hub& hub, observer::GetFlowsRequest request)
      : executor_(executor), hub_(hub), request_(std::move(request)), written_(executor) {}

  // Any thread. Keeps itself alive from here on.
  void begin();

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

  static awaitable<void> run(std::shared_ptr<FlowStream> self);
  awaitable<void> pump();
  awaitable<bool> write(observer::GetFlowsResponse response);
  awaitable<bool> tell_losses(uint64_t lost);
  void finish(const grpc::Status& status);
  SubscribeOptions options() const;

  Executor executor_;
  Hub& hub_;
  observer::GetFlowsRequest request_;
  observer::GetFlowsResponse response_;  // being written
  Event written_;
  bool writing_ = false;
  bool gone_ = false;  // the client
  uint64_t told_lost_ = 0;
  std::shared_ptr<FlowStream> self_;
  // gRPC ends a call from its own threads when the server stops: nothing may be written after that.
  std::mutex ending_;
  bool finished_ = false;
};

}  // namespace skiff::trace::hubble
