// SPDX-License-Identifier: Apache-2.0
#include "kube/events.h"

namespace skiff::kube {
namespace {

constexpr size_t kMostPending = 1000;
constexpr size_t kMostRemembered = 4096;
constexpr auto kAggregationWindow = std::chrono::minutes(10);  // as client-go's event correlator

std::string aggregate_key(const api::Event& event) {
  return fmt::format("{}|{}|{}|{}|{}|{}", event.involvedObject.uid, event.involvedObject.name,
                     event.involvedObject.fieldPath, event.type, event.reason, event.message);
}

}  // namespace

EventRecorder::EventRecorder(const Executor& executor, Client client, EventSource source,
                             const Clock& clock)
    : executor_(executor), client_(std::move(client)), source_(std::move(source)), clock_(clock) {}

void EventRecorder::record(const api::ObjectReference& about, std::string type, std::string reason,
                           std::string message) {
  if (pending_.size() >= kMostPending) {
    ++dropped_;
    return;
  }
  const TimePoint now = clock_.now();
  api::Event event;
  event.metadata.namespace_ = about.namespace_.empty() ? "default" : about.namespace_;
  // Two events of one instant are two objects.
  last_name_ = std::max<int64_t>(last_name_ + 1, now.time_since_epoch().count());
  event.metadata.name = fmt::format("{}.{:x}", about.name, last_name_);
  event.involvedObject = about;
  event.type = std::move(type);
  event.reason = std::move(reason);
  event.message = std::move(message);
  event.source.component = source_.component;
  event.source.host = source_.host;
  event.reportingComponent = source_.component;
  event.reportingInstance = source_.host;
  event.firstTimestamp = api::Time(now);
  event.lastTimestamp = api::Time(now);
  event.count = 1;
  pending_.push_back(std::move(event));
  if (std::exchange(sending_, true)) return;
  spawn(executor_, "events", send_all());
}

awaitable<void> EventRecorder::send_all() {
  while (!pending_.empty()) {
    api::Event event = std::move(pending_.front());
    pending_.pop_front();
    const Status status = co_await send(std::move(event));
    if (!status.ok()) ++dropped_;
  }
  sending_ = false;
}

awaitable<Status> EventRecorder::send(api::Event event) {
  const std::string aggregate = aggregate_key(event);
  const TimePoint now = clock_.now();
  const auto known = sent_.find(aggregate);
  if (known != sent_.end() && now - known->second.last < kAggregationWindow) {
    Sent& sent = known->second;
    sent.last = now;
    std::string body = fmt::format(R"({{"count":{},"lastTimestamp":"{}"}})", ++sent.count,
                                   event.lastTimestamp.to_string());
    const auto patched =
        co_await client_.patch<api::Event>(sent.key, PatchType::Merge, std::move(body));
    if (patched.status().code() != StatusCode::kNotFound) co_return patched.status();
    sent_.erase(aggregate);
  }
  if (sent_.size() >= kMostRemembered) sent_.clear();
  sent_[aggregate] = {key_of(event), 1, now};
  const auto created = co_await client_.create(std::move(event));
  co_return created.status();
}

}  // namespace skiff::kube
