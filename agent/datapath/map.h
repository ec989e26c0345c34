// SPDX-License-Identifier: Apache-2.0
// Map<K, V>: a table shared with the eBPF programs. KernelMap (kernel_map.h) is the kernel's own,
// MemoryMap (memory_map.h) the fake that tests and planners run against.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>

#include "base/result.h"

namespace skiff::datapath {

template <class K, class V>
class Map {
  // A key with padding would compare unequal to itself; this does not compile then.
  static_assert(std::is_trivially_copyable_v<K> && std::has_unique_object_representations_v<K>);
  static_assert(std::is_trivially_copyable_v<V>);

 public:
  using Key = K;
  using Value = V;

  virtual ~Map() = default;

  virtual Result<std::optional<V>> get(const K& key) const = 0;
  // Inserts or replaces; readers see the old or the new value, never a mixture (arrays: see
  // README.md). ResourceExhausted when the map is full.
  virtual Status put(const K& key, const V& value) = 0;
  // Erasing what is not there succeeds.
  virtual Status erase(const K& key) = 0;
  // One after the other, in an order of the map's own; entries written meanwhile may be missed.
  virtual Status for_each(const std::function<void(const K&, const V&)>& visit) const = 0;
  // As the same number of single calls, in few system calls. May stop half-way on an error.
  virtual Status put_batch(std::span<const K> keys, std::span<const V> values) = 0;
  virtual Status erase_batch(std::span<const K> keys) = 0;
  virtual uint32_t capacity() const = 0;
  // How many entries there are; of an array, how many its owner has said to be in use.
  virtual Result<uint32_t> count() const = 0;
  // Arrays only: how many entries their owner has given out.
  virtual void note_used(uint32_t /*entries*/) {}
  // Full is usual: the oldest goes.
  virtual bool evicts() const { return false; }
  // Writes refused so far because the map was full.
  virtual uint64_t refused() const { return 0; }
  // Counts a write that its caller knows there is no room for.
  virtual void note_refused() {}
};

}  // namespace skiff::datapath
