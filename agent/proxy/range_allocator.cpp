// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/range_allocator.h"

namespace skiff::proxy {

RangeAllocator::RangeAllocator(uint32_t size, Duration quarantine)
    : quarantine_(quarantine), size_(size), free_entries_(size) {
  free_[0] = size;
}

Result<uint32_t> RangeAllocator::allocate(uint32_t count, TimePoint now) {
  while (!quarantined_.empty() && quarantined_.front().at + quarantine_ <= now) {
    const Released released = quarantined_.front();
    quarantined_.pop_front();
    give_back(released.base, released.count);
  }
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->second < count) continue;
    const auto [base, available] = *it;
    free_.erase(it);
    if (available > count) free_[base + count] = available - count;
    free_entries_ -= count;
    return base;
  }
  return resource_exhausted("no room for {} more entries in one piece ({} free)", count,
                            free_entries_);
}

Status RangeAllocator::reserve(uint32_t base, uint32_t count) {
  auto it = free_.upper_bound(base);
  if (it == free_.begin())
    return already_exists("backends {} to {} are taken", base, base + count - 1);
  --it;
  const auto [start, available] = *it;
  if (start + available < base + count)
    return already_exists("backends {} to {} are taken or do not exist", base, base + count - 1);
  free_.erase(it);
  if (base > start) free_[start] = base - start;
  if (start + available > base + count) free_[base + count] = start + available - base - count;
  free_entries_ -= count;
  return absl::OkStatus();
}

void RangeAllocator::extend(uint32_t size) {
  if (size <= size_) return;
  give_back(size_, size - size_);
  size_ = size;
}

void RangeAllocator::release(uint32_t base, uint32_t count, TimePoint now) {
  if (count > 0) quarantined_.push_back({now, base, count});
}

void RangeAllocator::give_back(uint32_t base, uint32_t count) {
  free_entries_ += count;
  auto next = free_.lower_bound(base);
  if (next != free_.end() && base + count == next->first) {
    count += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == base) {
      previous->second += count;
      return;
    }
  }
  free_[base] = count;
}

}  // namespace skiff::proxy
