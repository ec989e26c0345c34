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

awaitable<grpc::Status> FlowStream::pump() {
  Status checked = check(request_.whitelist());
  if (checked.ok()) checked = check(request_.blacklist());
  if (!checked.ok()) co_return grpc_status(checked);
  const auto subscription = hub_.subscribe(
      [this](const FlowRecord& record) {
        return wanted(flow_of(record), request_.whitelist(), request_.blacklist());
      },
      options());
  uint64_t left = request_.first() ? request_.number() : 0;
  while (!gone() && !subscription->ended()) {
    const FlowRecordPtr record = co_await subscription->next(kPatience);
    if (!co_await tell_losses(subscription->lost())) break;
    if (!record) continue;
    observer::GetFlowsResponse response;
    *response.mutable_flow() = flow_of(*record);
    response.set_node_name(record->node);
    *response.mutable_time() = response.flow().time();
    if (!co_await write(std::move(response))) break;
    if (left != 0 && --left == 0) break;
  }
  co_return grpc::Status::OK;
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

}  // namespace skiff::trace::hubble
