// SPDX-License-Identifier: Apache-2.0
// The ring of recent events: what watches read, and what takes a list back to an earlier revision.
// Bounded by age, bytes and count; trimmed a few events at a time as new ones come. Loop thread
// only, no I/O, no clock of its own.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <vector>

#include "controller/store/store.h"

namespace skiff::store {

class History {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `revision`: the state that the first event will change.
  History(const HistoryLimits& limits, int64_t revision)
      : limits_(limits), oldest_(revision), head_(revision) {}

  void append(EventPtr event, Time now);
  // Forgets the events up to and including `revision`.
  void compact(int64_t revision);

  // The latest revision, and the oldest whose state can still be told.
  int64_t head() const { return head_; }
  int64_t oldest() const { return oldest_; }

  // Positions count events from the first one ever, so they outlive trimming.
  uint64_t begin() const { return first_; }
  uint64_t end() const { return first_ + ring_.size(); }
  // The position of the first event above `revision`.
  uint64_t after(int64_t revision) const;
  const EventPtr& at(uint64_t position) const { return ring_[position - first_].event; }

  // The records under `prefix` that were different at `revision` (null: absent then). `revision` >=
  // oldest().
  std::map<std::string_view, RecordPtr> undo(int64_t revision, std::string_view prefix) const;

 private:
  struct Entry {
    EventPtr event;
    Time time;
  };
  void drop_front();

  HistoryLimits limits_;
  std::deque<Entry> ring_;
  uint64_t first_ = 0;
  int64_t oldest_;
  int64_t head_;
  size_t bytes_ = 0;
};

}  // namespace skiff::store
