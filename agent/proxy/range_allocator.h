// SPDX-License-Identifier: Apache-2.0
// Contiguous ranges of the backends array. A freed range is not given out again before `quarantine`
// has passed: a packet that read the old frontend entry a moment ago may still read the range.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

#include "base/clock.h"
#include "base/result.h"

namespace skiff::proxy {

class RangeAllocator {
 public:
  RangeAllocator(uint32_t size, Duration quarantine);

  // The first range of `count` > 0 entries that fits. RESOURCE_EXHAUSTED when there is none.
  Result<uint32_t> allocate(uint32_t count, TimePoint now);
  // Marks a range as taken that is known from elsewhere (restored pins). Fails if part of it is
  // taken already.
  Status reserve(uint32_t base, uint32_t count);
  // The array has grown to `size` entries; a smaller figure changes nothing.
  void extend(uint32_t size);
  void release(uint32_t base, uint32_t count, TimePoint now);
  uint32_t free_entries() const { return free_entries_; }
  uint32_t used_entries() const { return size_ - free_entries_; }  // resting ones included

 private:
  struct Released {
    TimePoint at;
    uint32_t base;
    uint32_t count;
  };
  void give_back(uint32_t base, uint32_t count);

  std::map<uint32_t, uint32_t> free_;  // base → count, never adjacent
  std::deque<Released> quarantined_;
  Duration quarantine_;
  uint32_t size_;
  uint32_t free_entries_;
};

}  // namespace skiff::proxy
