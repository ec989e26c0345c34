// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "agent/datapath/layout.h"
#include "agent/datapath/map.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

// What a map is made of. Per-CPU maps hold `copies` of each value, `stride()` apart.
struct MapShape {
  uint32_t type = 0;
  uint32_t key_size = 0;
  uint32_t value_size = 0;
  uint32_t max_entries = 0;
  uint32_t flags = 0;
  uint32_t copies = 1;
  Layout key, value;  // only sizes where the map has no BTF

  uint32_t stride() const { return copies == 1 ? value_size : (value_size + 7) / 8 * 8; }
  uint32_t value_bytes() const { return stride() * copies; }
};

// The shape of an open map.
Result<MapShape> map_shape(int map_fd);

// The untyped half of KernelMap: one open map, its shape, and the system calls. Owns the
// descriptor. Reading and writing: any thread.
class KernelMapHandle {
 public:
  // NotFound where nothing is pinned.
  static Result<KernelMapHandle> open(const std::string& path);
  // Opens the map pinned at `path`; FailedPrecondition unless keys and values have these sizes.
  static Result<KernelMapHandle> open_pinned(const std::string& path, uint32_t key_size,
                                             uint32_t value_size);
  KernelMapHandle(KernelMapHandle&& other) noexcept;
  KernelMapHandle& operator=(KernelMapHandle&&) = delete;

  // False: no such key.
  Result<bool> get(const void* key, void* value) const;
  Status put(const void* key, const void* value) const;
  // Leaves an entry that is there.
  Status put_new(const void* key, const void* value) const;
  Status erase(const void* key) const;
  Status for_each(const std::function<void(const void*, const void*)>& visit) const;
  // Without reading values where that is slow: some 0.2 us an entry, in LPM tries ten times that.
  Result<uint32_t> count() const;
  Status put_batch(const void* keys, const void* values, uint32_t count) const;
  Status erase_batch(const void* keys, uint32_t count) const;

  // Continues with the map pinned at `path`, which must have the same keys and values: calls under
  // way in other threads use the old or the new one.
  Status reopen(const std::string& path);

  int fd() const { return fd_.get(); }
  const MapShape& shape() const { return shape_; }
  uint32_t capacity() const { return capacity_; }
  // Writes refused because the map was full.
  uint64_t refused() const { return refused_; }
  void note_refused() const { ++refused_; }
  // Of an array, which is always full to the kernel.
  void note_used(uint32_t entries) const { used_ = entries; }
  bool evicts() const;
  bool is_array() const;
  bool is_hash() const;  // or a trie: has as many entries as were written

 private:
  KernelMapHandle() = default;
  Status for_each_batch(const std::function<void(const void*, const void*)>& visit) const;
  Status for_each_key(const std::function<void(const void*, const void*)>& visit) const;
  Status error(int code, const char* what) const;

  UniqueFd fd_;
  std::string name_;
  MapShape shape_;
  std::atomic<uint32_t> capacity_ = 0;
  mutable std::atomic<uint64_t> refused_ = 0;
  mutable std::atomic<uint32_t> used_ = 0;
};

// A Map in the kernel. Any thread.
template <class K, class V>
class KernelMap : public Map<K, V> {
 public:
  static Result<std::unique_ptr<KernelMap>> open_pinned(const std::string& path) {
    ASSIGN_OR_RETURN(auto handle, KernelMapHandle::open_pinned(path, sizeof(K), sizeof(V)));
    return std::make_unique<KernelMap>(std::move(handle));
  }
  explicit KernelMap(KernelMapHandle handle) : handle_(std::move(handle)) {}

  Result<std::optional<V>> get(const K& key) const override {
    V value;
    ASSIGN_OR_RETURN(const bool found, handle_.get(&key, &value));
    return found ? std::optional<V>(value) : std::nullopt;
  }
  Status put(const K& key, const V& value) override { return handle_.put(&key, &value); }
  Status erase(const K& key) override { return handle_.erase(&key); }
  Status for_each(const std::function<void(const K&, const V&)>& visit) const override {
    return handle_.for_each([&](const void* key, const void* value) {
      visit(*static_cast<const K*>(key), *static_cast<const V*>(value));
    });
  }
  Status put_batch(std::span<const K> keys, std::span<const V> values) override {
    return handle_.put_batch(keys.data(), values.data(), static_cast<uint32_t>(keys.size()));
  }
  Status erase_batch(std::span<const K> keys) override {
    return handle_.erase_batch(keys.data(), static_cast<uint32_t>(keys.size()));
  }
  uint32_t capacity() const override { return handle_.capacity(); }
  Result<uint32_t> count() const override { return handle_.count(); }
  void note_used(uint32_t entries) override { handle_.note_used(entries); }
  bool evicts() const override { return handle_.evicts(); }
  uint64_t refused() const override { return handle_.refused(); }
  void note_refused() override { handle_.note_refused(); }
  Status reopen(const std::string& path) { return handle_.reopen(path); }
  int fd() const { return handle_.fd(); }

 private:
  KernelMapHandle handle_;
};

}  // namespace skiff::datapath
