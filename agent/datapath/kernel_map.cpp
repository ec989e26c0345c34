// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/kernel_map.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>

namespace skiff::datapath {

namespace {
constexpr uint32_t kBatch = 1024;

bool has_batch_lookup(uint32_t type) {
  return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}
}  // namespace

KernelMapHandle::KernelMapHandle(KernelMapHandle&& other) noexcept
    : fd_(std::move(other.fd_)),
      name_(std::move(other.name_)),
      type_(other.type_),
      key_size_(other.key_size_),
      value_size_(other.value_size_),
      capacity_(other.capacity_) {}

Result<KernelMapHandle> KernelMapHandle::open_pinned(const std::string& path, uint32_t key_size,
                                                     uint32_t value_size) {
  KernelMapHandle handle;
  handle.name_ = path.substr(path.rfind('/') + 1);
  handle.fd_.reset(::bpf_obj_get(path.c_str()));
  if (!handle.fd_) return errno_status(errno, fmt::format("open map {}", path));
  bpf_map_info info = {};
  uint32_t length = sizeof(info);
  if (::bpf_obj_get_info_by_fd(handle.fd_.get(), &info, &length) < 0) {
    return errno_status(errno, fmt::format("look at map {}", path));
  }
  if (info.key_size != key_size || info.value_size != value_size) {
    return failed_precondition("map {} has keys of {} and values of {} bytes, expected {} and {}",
                               path, info.key_size, info.value_size, key_size, value_size);
  }
  handle.type_ = info.type;
  handle.key_size_ = key_size;
  handle.value_size_ = value_size;
  handle.capacity_ = info.max_entries;
  return handle;
}

Status KernelMapHandle::error(int code, const char* what) const {
  if (code == E2BIG || code == ENOSPC) {
    return resource_exhausted("{} {}: map is full ({} entries)", what, name_, capacity_);
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

Status KernelMapHandle::erase(const void* key) const {
  if (::bpf_map_delete_elem(fd_.get(), key) == 0 || errno == ENOENT) return {};
  return error(errno, "erase from");
}

Status KernelMapHandle::put_batch(const void* keys, const void* values, uint32_t count) const {
  DECLARE_LIBBPF_OPTS(bpf_map_batch_opts, options, .elem_flags = BPF_ANY);
  for (uint32_t done = 0; done < count;) {
    uint32_t chunk = count - done;
    if (::bpf_map_update_batch(fd_.get(),
                               static_cast<const std::byte*>(keys) + size_t{done} * key_size_,
                               static_cast<const std::byte*>(values) + size_t{done} * value_size_,
                               &chunk, &options) < 0) {
      return error(errno, "write");
    }
    done += chunk;
  }
  return {};
}

Status KernelMapHandle::erase_batch(const void* keys, uint32_t count) const {
  // The kernel's own batch stops at the first key that is not there; absence is success here.
  for (uint32_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(erase(static_cast<const std::byte*>(keys) + size_t{i} * key_size_));
  }
  return {};
}

Status KernelMapHandle::for_each(const std::function<void(const void*, const void*)>& visit) const {
  return has_batch_lookup(type_) ? for_each_batch(visit) : for_each_key(visit);
}

Status KernelMapHandle::for_each_batch(
    const std::function<void(const void*, const void*)>& visit) const {
  // A batch must hold a whole hash bucket, or the kernel answers ENOSPC and wants more room.
  uint32_t room = std::min(kBatch, std::max(capacity_, 1u));
  std::vector<std::byte> keys(size_t{room} * key_size_), values(size_t{room} * value_size_);
  std::vector<std::byte> position(std::max<uint32_t>(key_size_, 4)), next(position.size());
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
      keys.resize(size_t{room} * key_size_);
      values.resize(size_t{room} * value_size_);
      continue;
    }
    if (failed != 0 && failed != ENOENT) return error(failed, "list");
    for (uint32_t i = 0; i < count; ++i) {
      visit(keys.data() + size_t{i} * key_size_, values.data() + size_t{i} * value_size_);
    }
    if (failed == ENOENT) return {};
    std::swap(position, next);
    first = false;
  }
}

Status KernelMapHandle::for_each_key(
    const std::function<void(const void*, const void*)>& visit) const {
  std::vector<std::byte> key(key_size_), next(key_size_), value(value_size_);
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
