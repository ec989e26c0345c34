// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/datapath/map.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

// The untyped half of KernelMap: one open map, its shape, and the system calls. Owns the
// descriptor and, for arrays, a mapping of their memory.
class KernelMapHandle {
 public:
  // Opens the map pinned at `path`; FailedPrecondition unless keys and values have these sizes.
  static Result<KernelMapHandle> open_pinned(const std::string& path, uint32_t key_size,
                                             uint32_t value_size);
  KernelMapHandle(KernelMapHandle&& other) noexcept;
  KernelMapHandle& operator=(KernelMapHandle&&) = delete;

  // False: no such key.
  Result<bool> get(const void* key, void* value) const;
  Status put(const void* key, const void* value) const;
  Status erase(const void* key) const;
  Status for_each(const std::function<void(const void*, const void*)>& visit) const;
  Status put_batch(const void* keys, const void* values, uint32_t count) const;
  Status erase_batch(const void* keys, uint32_t count) const;

  int fd() const { return fd_.get(); }
  uint32_t capacity() const { return capacity_; }

 private:
  KernelMapHandle() = default;
  Status for_each_batch(const std::function<void(const void*, const void*)>& visit) const;
  Status for_each_key(const std::function<void(const void*, const void*)>& visit) const;
  Status error(int code, const char* what) const;

  UniqueFd fd_;
  std::string name_;
  uint32_t type_ = 0;
  uint32_t key_size_ = 0;
  uint32_t value_size_ = 0;
  uint32_t capacity_ = 0;
};

// A Map in the kernel. Any thread.
template <class K, class V>
class KernelMap final : public Map<K, V> {
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
  int fd() const { return handle_.fd(); }

 private:
  KernelMapHandle handle_;
};

}  // namespace skiff::datapath
