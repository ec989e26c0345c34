// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hub.h"

#include <algorithm>

#include "agent/datapath/flow_gc.h"

namespace skiff::trace {

Subscription::Subscription(Hub& hub, Predicate predicate, SubscribeOptions options)
    : hub_(hub),
      predicate_(std::move(predicate)),
      options_(std::move(options)),
      arrived_(hub.executor_) {}

Subscription::~Subscription() {
  hub_.subscriptions_.remove(this);
}

void Subscription::offer(const FlowRecordPtr& record) {
  if (ended_) return;
  if (options_.until && record->time > *options_.until) {
    ended_ = true;
    arrived_.notify();
    return;
  }
  if (predicate_ && !predicate_(*record)) return;
  if (waiting_.size() >= options_.capacity) {
    ++lost_;
    ++hub_.statistics_.lost_readers;
    return;
  }
  waiting_.push_back(record);
  arrived_.notify();
}

awaitable<FlowRecordPtr> Subscription::next(std::chrono::nanoseconds timeout) {
  if (waiting_.empty() && !ended_) co_await arrived_.wait(timeout);
  if (waiting_.empty()) co_return nullptr;
  FlowRecordPtr record = std::move(waiting_.front());
  waiting_.pop_front();
  co_return record;
}

Hub::Hub(const Executor& executor, Options options, Names& names, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      names_(names),
      builder_(options_.node, names, monotonic_zero(clock)),
      clock_(clock) {
  statistics_.started = clock_.now();
  statistics_.capacity = options_.history;
}

std::unique_ptr<Subscription> Hub::subscribe(Predicate predicate, SubscribeOptions options) {
  std::unique_ptr<Subscription> subscription(
      new Subscription(*this, std::move(predicate), std::move(options)));
  const SubscribeOptions& wanted = subscription->options_;
  std::deque<FlowRecordPtr>& found = subscription->waiting_;
  // Backwards, so that "the last 20 that match" need not look at all that is kept.
  for (auto it = history_.rbegin(); it != history_.rend(); ++it) {
    if (!wanted.since && found.size() >= wanted.last) break;
    const TimePoint time = builder_.time_of(*it);
    if (wanted.since && time < *wanted.since) break;
    if (wanted.until && time > *wanted.until) continue;
    auto record = std::make_shared<const FlowRecord>(builder_.build(*it));
    if (!subscription->predicate_ || subscription->predicate_(*record))
      found.push_front(std::move(record));
  }
  subscription->ended_ = !wanted.follow || (wanted.until && clock_.now() > *wanted.until);
  if (!subscription->ended_) subscriptions_.push_back(subscription.get());
  return subscription;
}

void Hub::publish(const FlowEvent& event) {
  publish_raw(event);
}

void Hub::publish(const DropEvent& event) {
  publish_raw(event);
}

void Hub::publish(DnsEvent event) {
  event.header.time_ns = static_cast<uint64_t>(datapath::monotonic_now().count());
  publish_raw(std::move(event));
}

Exit Hub::exit_of(const FlowEvent& event) const {
  return trace::exit_of(event, names_, options_.node);
}

void Hub::publish_raw(RawEvent event) {
  ++statistics_.seen;
  for (const Observer& observer : observers_) observer(event);
  if (!subscriptions_.empty()) {
    const auto record = std::make_shared<const FlowRecord>(builder_.build(event));
    for (Subscription* subscription : subscriptions_) subscription->offer(record);
  }
  if (options_.history == 0) return;
  if (history_.size() >= options_.history) history_.pop_front();
  history_.push_back(std::move(event));
}

void Hub::set_losses(uint64_t ring, uint64_t limit) {
  statistics_.lost_ring = ring;
  statistics_.lost_limit = limit;
}

void Hub::set_tap_losses(uint64_t ring, uint64_t limit) {
  statistics_.lost_taps_ring = ring;
  statistics_.lost_taps_limit = limit;
}

HubStatistics Hub::statistics() const {
  HubStatistics now = statistics_;
  now.kept = history_.size();
  now.subscribers = subscriptions_.size();
  return now;
}

}  // namespace skiff::trace
