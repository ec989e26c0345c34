// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/flow_stream.h"

#include "agent/trace/hubble/flow_filter.h"
#include "agent/trace/hubble/flow_of.h"

namespace skiff::trace::hubble {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 500ms;  // how soon a client that has gone is noticed

grpc::Status grpc_status(const Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(message(status))};
}

}  // namespace

void FlowStream::begin() {
  self_ = shared_from_this();
  asio::post(executor_, [self = self_] {
    Status checked = check(self->request_.whitelist());
    if (checked.ok()) checked = check(self->request_.blacklist());
    if (!checked.ok()) {
      self->finish(grpc_status(checked));
      return;
    }
    spawn(self->executor_, "hubble flows", run(self));
  });
}

void FlowStream::OnWriteDone(bool ok) {
  asio::post(executor_, [self = self_, ok] {
    self->writing_ = false;
    self->gone_ = self->gone_ || !ok;
    self->written_.notify();
  });
}

void FlowStream::OnCancel() {
  finish(grpc::Status::CANCELLED);
  asio::post(executor_, [self = self_] { self->gone_ = true; });
}

void FlowStream::finish(const grpc::Status& status) {
  const std::lock_guard lock(ending_);
  if (!std::exchange(finished_, true)) Finish(status);
}

SubscribeOptions FlowStream::options() const {
  SubscribeOptions options;
  options.follow = request_.follow();
  if (request_.has_since()) options.since = time_of(request_.since());
  if (request_.has_until()) options.until = time_of(request_.until());
  const bool everything = request_.first() || (request_.number() == 0 && !request_.follow());
  if (everything && !options.since) options.since = TimePoint();
  if (!request_.first() && !options.since) options.last = request_.number();
  return options;
}

awaitable<void> FlowStream::run(std::shared_ptr<FlowStream> self) {
  co_await self->pump();
  self->finish(grpc::Status::OK);
}

awaitable<void> FlowStream::pump() {
  const auto subscription = hub_.subscribe(
      [this](const FlowRecord& record) {
        return wanted(flow_of(record), request_.whitelist(), request_.blacklist());
      },
      options());
  uint64_t left = request_.first() ? request_.number() : 0;
  while (!gone_ && !subscription->ended()) {
    const FlowRecordPtr record = co_await subscription->next(kPatience);
    if (!co_await tell_losses(subscription->lost())) co_return;
    if (!record) continue;
    observer::GetFlowsResponse response;
    *response.mutable_flow() = flow_of(*record);
    response.set_node_name(record->node);
    *response.mutable_time() = response.flow().time();
    if (!co_await write(std::move(response))) co_return;
    if (left != 0 && --left == 0) co_return;
  }
}

awaitable<bool> FlowStream::tell_losses(uint64_t lost) {
  if (lost == told_lost_) co_return true;
  observer::GetFlowsResponse response;
  response.mutable_lost_events()->set_source(::flow::HUBBLE_RING_BUFFER);
  response.mutable_lost_events()->set_num_events_lost(lost - told_lost_);
  response.set_node_name(hub_.node());
  told_lost_ = lost;
  co_return co_await write(std::move(response));
}

awaitable<bool> FlowStream::write(observer::GetFlowsResponse response) {
  response_ = std::move(response);
  {
    const std::lock_guard lock(ending_);
    if (finished_) co_return false;
    writing_ = true;
    StartWrite(&response_);
  }
  while (writing_) co_await written_.wait();
  co_return !gone_;
}

}  // namespace skiff::trace::hubble
