// SPDX-License-Identifier: Apache-2.0
#include "controller/store/history.h"

#include <algorithm>

#include "base/check.h"

namespace skiff::store {
namespace {

// What keeping an event costs beyond the current state: the value it superseded, and of a deletion
// the last one.
size_t cost(const Event& event) {
  constexpr size_t kOverhead = 160;  // event, its entry, and a superseded record
  size_t bytes = kOverhead;
  if (event.previous) bytes += event.previous->value->size();
  if (event.type == EventType::kDelete) bytes += event.record->value->size();
  return bytes;
}

}  // namespace

void History::append(EventPtr event, Time now) {
  CHECK(event->revision() > head_);
  head_ = event->revision();
  bytes_ += cost(*event);
  ring_.push_back({std::move(event), now});
  while (!ring_.empty() && (bytes_ > limits_.bytes || ring_.size() > limits_.events ||
                            now - ring_.front().time > limits_.age)) {
    drop_front();
  }
}

void History::compact(int64_t revision) {
  while (!ring_.empty() && ring_.front().event->revision() <= revision) drop_front();
  oldest_ = std::max(oldest_, std::min(revision, head_));
}

void History::drop_front() {
  oldest_ = ring_.front().event->revision();
  bytes_ -= cost(*ring_.front().event);
  ring_.pop_front();
  ++first_;
}

uint64_t History::after(int64_t revision) const {
  const auto at = std::partition_point(ring_.begin(), ring_.end(), [&](const Entry& entry) {
    return entry.event->revision() <= revision;
  });
  return first_ + static_cast<uint64_t>(at - ring_.begin());
}

std::map<std::string_view, RecordPtr> History::undo(int64_t revision,
                                                    std::string_view prefix) const {
  std::map<std::string_view, RecordPtr> before;
  for (uint64_t position = after(revision); position < end(); ++position) {
    const Event& event = *at(position);
    // The first change after `revision` is the one that knows what was there.
    if (event.record->key.starts_with(prefix))
      before.try_emplace(event.record->key, event.previous);
  }
  return before;
}

}  // namespace skiff::store
