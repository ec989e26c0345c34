// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/kernel_map.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace skiff::datapath {

namespace {
constexpr uint32_t kBatch = 1024;

bool has_batch_lookup(uint32_t type) {
  return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_ARRAY;
}

bool is_per_cpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}
}  // namespace

KernelMapHandle::KernelMapHandle(KernelMapHandle&& other) noexcept
    : fd_(std::move(other.fd_)),
      name_(std::move(other.name_)),
      shape_(std::move(other.shape_)),
      capacity_(other.capacity_.load()),
      refused_(other.refused_.load()),
      used_(other.used_.load()) {}

Result<MapShape> map_shape(int map_fd) {
  bpf_map_info info = {};
  uint32_t length = sizeof(info);
  if (::bpf_obj_get_info_by_fd(map_fd, &info, &length) < 0) {
    return errno_status(errno, "look at map");
  }
  MapShape shape = {.type = info.type,
                    .key_size = info.key_size,
                    .value_size = info.value_size,
                    .max_entries = info.max_entries,
                    .flags = info.map_flags,
                    .copies = 1,
                    .key = {.size = info.key_size, .fields = {}},
                    .value = {.size = info.value_size, .fields = {}}};
  if (is_per_cpu(info.type)) {
    shape.copies = static_cast<uint32_t>(std::max(::libbpf_num_possible_cpus(), 1));
  }
  if (info.btf_id == 0 || info.btf_value_type_id == 0) return shape;
  const std::unique_ptr<btf, void (*)(btf*)> types(::btf__load_from_kernel_by_id(info.btf_id),
                                                   ::btf__free);
  if (types == nullptr) return shape;
  if (auto key = layout_of(types.get(), info.btf_key_type_id); key.ok()) shape.key = *key;
  if (auto value = layout_of(types.get(), info.btf_value_type_id); value.ok()) shape.value = *value;
  return shape;
}

Result<KernelMapHandle> KernelMapHandle::open(const std::string& path) {
  KernelMapHandle handle;
  handle.name_ = path.substr(path.rfind('/') + 1);
  handle.fd_.reset(::bpf_obj_get(path.c_str()));
  if (!handle.fd_) return errno_status(errno, fmt::format("open map {}", path));
  ASSIGN_OR_RETURN(handle.shape_, map_shape(handle.fd_.get()), "map {}", path);
  handle.capacity_ = handle.shape_.max_entries;
  return handle;
}

Result<KernelMapHandle> KernelMapHandle::open_pinned(const std::string& path, uint32_t key_size,
                                                     uint32_t value_size) {
  ASSIGN_OR_RETURN(KernelMapHandle handle, open(path));
  const MapShape& shape = handle.shape_;
  if (shape.key_size != key_size || shape.value_size != value_size) {
    return failed_precondition("map {} has keys of {} and values of {} bytes, expected {} and {}",
                               path, shape.key_size, shape.value_size, key_size, value_size);
  }
  return handle;
}

Status KernelMapHandle::reopen(const std::string& path) {
  ASSIGN_OR_RETURN(KernelMapHandle other, open_pinned(path, shape_.key_size, shape_.value_size));
  if (::dup3(other.fd(), fd_.get(), O_CLOEXEC) < 0) {
    return errno_status(errno, fmt::format("continue with map {}", path));
  }
  capacity_ = other.capacity();
  return {};
}

Status KernelMapHandle::error(int code, const char* what) const {
  if (code == E2BIG || code == ENOSPC) {
    ++refused_;
    return resource_exhausted("{} {}: map is full ({} entries)", what, name_, capacity());
  }
  return errno_status(code, fmt::format("{} {}", what, name_));
}

Result<bool> KernelMapHandle::get(const void* key, void* value) const {
  if (::bpf_map_lookup_elem(fd_.get(), key, value) == 0) return true;
  if (errno == ENOENT) return false;
  return error(errno, "read");
}

Status KernelMapHandle::put(const void* key, const void* value) const {
  if (::bpf_map_update_elem(fd_.get(), key, value, BPF_ANY) == 0) return {};
  return error(errno, "write");
}

Status KernelMapHandle::put_new(const void* key, const void* value) const {
  if (::bpf_map_update_elem(fd_.get(), key, value, BPF_NOEXIST) == 0 || errno == EEXIST) return {};
  return error(errno, "write");
}

Status KernelMapHandle::erase(const void* key) const {
  if (::bpf_map_delete_elem(fd_.get(), key) == 0 || errno == ENOENT) return {};
  return error(errno, "erase from");
}

Status KernelMapHandle::put_batch(const void* keys, const void* values, uint32_t count) const {
  DECLARE_LIBBPF_OPTS(bpf_map_batch_opts, options, .elem_flags = BPF_ANY);
  for (uint32_t done = 0; done < count;) {
    uint32_t chunk = count - done;
    if (::bpf_map_update_batch(
            fd_.get(), static_cast<const std::byte*>(keys) + size_t{done} * shape_.key_size,
            static_cast<const std::byte*>(values) + size_t{done} * shape_.value_bytes(), &chunk,
            &options) < 0) {
      return error(errno, "write");
    }
    done += chunk;
  }
  return {};
}

Status KernelMapHandle::erase_batch(const void* keys, uint32_t count) const {
  // The kernel's own batch stops at the first key that is not there; absence is success here.
  for (uint32_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(erase(static_cast<const std::byte*>(keys) + size_t{i} * shape_.key_size));
  }
  return {};
}

Status KernelMapHandle::for_each(const std::function<void(const void*, const void*)>& visit) const {
  return has_batch_lookup(shape_.type) ? for_each_batch(visit) : for_each_key(visit);
}

bool KernelMapHandle::evicts() const {
  return shape_.type == BPF_MAP_TYPE_LRU_HASH || shape_.type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

bool KernelMapHandle::is_array() const {
  return shape_.type == BPF_MAP_TYPE_ARRAY || shape_.type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

bool KernelMapHandle::is_hash() const {
  return shape_.type == BPF_MAP_TYPE_HASH || shape_.type == BPF_MAP_TYPE_LRU_HASH ||
         shape_.type == BPF_MAP_TYPE_LPM_TRIE;
}

Result<uint32_t> KernelMapHandle::count() const {
  if (is_array()) return used_.load();
  uint32_t entries = 0;
  if (has_batch_lookup(shape_.type)) {
    RETURN_IF_ERROR(for_each_batch([&](const void*, const void*) { ++entries; }));
    return entries;
  }
  // Who erases the key that is asked from makes the kernel begin anew.
  std::vector<std::byte> key(shape_.key_size), next(shape_.key_size);
  const void* from = nullptr;
  while (entries < capacity_ && ::bpf_map_get_next_key(fd_.get(), from, next.data()) == 0) {
    ++entries;
    std::swap(key, next);
    from = key.data();
  }
  return entries;
}

Status KernelMapHandle::for_each_batch(
    const std::function<void(const void*, const void*)>& visit) const {
  // A batch must hold a whole hash bucket, or the kernel answers ENOSPC and wants more room.
  uint32_t room = std::min(kBatch, std::max(capacity(), 1u));
  std::vector<std::byte> keys(size_t{room} * shape_.key_size),
      values(size_t{room} * shape_.value_bytes());
  std::vector<std::byte> position(std::max<uint32_t>(shape_.key_size, 4)), next(position.size());
  bool first = true;
  for (;;) {
    uint32_t count = room;
    const int failed =
        ::bpf_map_lookup_batch(fd_.get(), first ? nullptr : position.data(), next.data(),
                               keys.data(), values.data(), &count, nullptr) < 0
            ? errno
            : 0;
    if (failed == ENOSPC) {
      room *= 2;
      keys.resize(size_t{room} * shape_.key_size);
      values.resize(size_t{room} * shape_.value_bytes());
      continue;
    }
    if (failed != 0 && failed != ENOENT) return error(failed, "list");
    for (uint32_t i = 0; i < count; ++i) {
      visit(keys.data() + size_t{i} * shape_.key_size,
            values.data() + size_t{i} * shape_.value_bytes());
    }
    if (failed == ENOENT) return {};
    std::swap(position, next);
    first = false;
  }
}

Status KernelMapHandle::for_each_key(
    const std::function<void(const void*, const void*)>& visit) const {
  std::vector<std::byte> key(shape_.key_size), next(shape_.key_size), value(shape_.value_bytes());
  const void* from = nullptr;
  while (::bpf_map_get_next_key(fd_.get(), from, next.data()) == 0) {
    ASSIGN_OR_RETURN(const bool found, get(next.data(), value.data()));
    if (found) visit(next.data(), value.data());
    std::swap(key, next);
    from = key.data();
  }
  return errno == ENOENT ? Status() : error(errno, "list");
}

}  // namespace skiff::datapath
