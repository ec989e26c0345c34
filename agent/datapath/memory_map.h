// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "agent/datapath/abi.h"
#include "agent/datapath/map.h"

namespace skiff::datapath {

// A Map in memory with the kernel's errors, for tests and dry runs. Set `fail_next` to see what a
// failing write does to the caller.
template <class K, class V>
class MemoryMap final : public Map<K, V> {
 public:
  explicit MemoryMap(uint32_t capacity = 1 << 20) : capacity_(capacity) {}

  Result<std::optional<V>> get(const K& key) const override {
    if (refuses_reads) return unavailable("read refused");
    const auto it = entries.find(key);
    return it == entries.end() ? std::nullopt : std::optional<V>(it->second);
  }
  Status put(const K& key, const V& value) override {
    if ((fail_next > 0 && --fail_next == 0) || refuses_puts) return unavailable("write refused");
    if (!entries.contains(key) && entries.size() >= capacity_) {
      return resource_exhausted("map is full ({} entries)", capacity_);
    }
    entries[key] = value;
    ++writes;
    return {};
  }
  Status erase(const K& key) override {
    if (fail_next > 0 && --fail_next == 0) return unavailable("write refused");
    writes += entries.erase(key);
    return {};
  }
  Status for_each(const std::function<void(const K&, const V&)>& visit) const override {
    if (refuses_reads) return unavailable("read refused");
    for (const auto& [key, value] : entries) visit(key, value);
    return {};
  }
  Status put_batch(std::span<const K> keys, std::span<const V> values) override {
    for (size_t i = 0; i < keys.size(); ++i) RETURN_IF_ERROR(put(keys[i], values[i]));
    return {};
  }
  Status erase_batch(std::span<const K> keys) override {
    for (const K& key : keys) RETURN_IF_ERROR(erase(key));
    return {};
  }
  uint32_t capacity() const override { return capacity_; }
  Result<uint32_t> count() const override {
    return used_.value_or(static_cast<uint32_t>(entries.size()));
  }
  void note_used(uint32_t used) override { used_ = used; }
  uint64_t refused() const override { return refused_; }
  void note_refused() override { ++refused_; }
  void resize(uint32_t capacity) { capacity_ = capacity; }

  std::map<K, V, BytesLess> entries;
  uint64_t writes = 0;  // entries written or erased so far
  int fail_next = 0;    // n: the n-th write from now fails, once
  bool refuses_puts = false;
  bool refuses_reads = false;

 private:
  uint32_t capacity_;
  uint64_t refused_ = 0;
  std::optional<uint32_t> used_;
};

}  // namespace skiff::datapath
