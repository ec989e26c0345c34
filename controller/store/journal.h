// SPDX-License-Identifier: Apache-2.0
// What makes a batch of events durable: the boundary between the store's logic, on the loop, and a
// disk.
#pragma once

#include <span>

#include "controller/store/store.h"

namespace skiff::store {

class Journal {
 public:
  virtual ~Journal() = default;

  // Makes all of `events` durable, or none. Blocks; called from one thread, never the loop.
  // RESOURCE_EXHAUSTED: no space, the next call may succeed. UNAVAILABLE: whether the events are on
  // disk is unknown, and every later call fails likewise.
  virtual Status commit(std::span<const EventPtr> events) = 0;

  // RESOURCE_EXHAUSTED if there is no space for a write now. Quick; from any thread.
  virtual Status check_space() const = 0;
};

// What a journal held when it was opened.
struct Recovered {
  std::vector<RecordPtr> records;
  int64_t revision = 0;  // 0: a new store
};

}  // namespace skiff::store
