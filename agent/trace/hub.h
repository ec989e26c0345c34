// SPDX-License-Identifier: Apache-2.0
// The hub: events come in from the programs, records go out to whoever subscribed. The last events
// are kept, so that a subscriber sees what was before. Belongs to the loop.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/trace/event.h"
#include "agent/trace/names.h"
#include "agent/trace/record.h"
#include "agent/trace/record_builder.h"
#include "base/async.h"
#include "base/clock.h"

namespace skiff::trace {

// Null: every record.
using Predicate = std::function<bool(const FlowRecord&)>;

struct SubscribeOptions {
  size_t last = 0;  // of the kept records that match, give this many first, oldest first
  std::optional<TimePoint> since;  // all kept that match from then on; goes before `last`
  std::optional<TimePoint> until;  // nothing after; ends the stream
  bool follow = true;              // false: end after what is kept
  size_t capacity = 4096;          // records waiting for a slow reader; what is over is counted
};

class Hub;

// A stream of records. Ends itself when destroyed; it may outlive nothing: destroy it before the
// hub.
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;

  // The next record; null when `timeout` passed without one, or when the stream has ended.
  awaitable<FlowRecordPtr> next(std::chrono::nanoseconds timeout);
  bool ended() const { return ended_ && waiting_.empty(); }
  // Records this reader was too slow for.
  uint64_t lost() const { return lost_; }

 private:
  friend class Hub;
  Subscription(Hub& hub, Predicate predicate, SubscribeOptions options);
  void offer(const FlowRecordPtr& record);

  Hub& hub_;
  Predicate predicate_;
  SubscribeOptions options_;
  std::deque<FlowRecordPtr> waiting_;
  Event arrived_;
  uint64_t lost_ = 0;
  bool ended_ = false;
};

struct HubStatistics {
  uint64_t seen = 0;  // events since the start
  size_t kept = 0;    // of `capacity`
  size_t capacity = 0;
  uint64_t lost_ring = 0;                            // no room in the ring between kernel and agent
  uint64_t lost_limit = 0;                           // held back by the limit a second
  uint64_t lost_readers = 0;                         // all subscribers together
  uint64_t lost_taps_ring = 0, lost_taps_limit = 0;  // packets of taps, not events
  size_t subscribers = 0;
  TimePoint started;
};

class Hub {
 public:
  struct Options {
    std::string node;
    size_t history = 8192;  // events kept
  };
  // `names` and `clock` outlive it.
  Hub(const Executor& executor, Options options, Names& names, const Clock& clock);

  // `predicate` is called once a record, on the loop.
  std::unique_ptr<Subscription> subscribe(Predicate predicate, SubscribeOptions options);

  // From the reader of the ring (reader.h).
  void publish(const FlowEvent& event);
  void publish(const DropEvent& event);
  // From the node's DNS; the time is put in here.
  void publish(DnsEvent event);
  // Called with every event that is published, before there is a record: metrics.
  using Observer = std::function<void(const RawEvent&)>;
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }
  void set_losses(uint64_t ring, uint64_t limit);
  void set_tap_losses(uint64_t ring, uint64_t limit);
  HubStatistics statistics() const;
  const std::string& node() const { return options_.node; }
  // Where the event's packet went (record_builder.h).
  Exit exit_of(const FlowEvent& event) const;

 private:
  friend class Subscription;
  void publish_raw(RawEvent event);

  Executor executor_;
  Options options_;
  Names& names_;
  RecordBuilder builder_;
  const Clock& clock_;
  std::deque<RawEvent> history_;
  std::list<Subscription*> subscriptions_;
  std::vector<Observer> observers_;
  HubStatistics statistics_;
};

}  // namespace skiff::trace
