// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/map_upgrade.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "agent/datapath/bpffs.h"

namespace skiff::datapath {

namespace {

constexpr uint32_t kChunk = 1024;

// Maps that the agent fills from what it knows of the cluster. Programs write all others, which may
// begin empty if they must.
constexpr std::array<std::string_view, 16> kWrittenByAgent = {
    "frontends",      "backends",     "source_ranges", "maglev",
    "reserved_ports", "pods",         "nodes",         "ranges",
    "devices",        "peers",        "socket_lb_off", "policy_state",
    "pod_policies",   "policy_peers", "policy_ranges", "policy_ports"};

bool written_by_agent(const std::string& name) {
  return std::ranges::find(kWrittenByAgent, name) != kWrittenByAgent.end();
}

bool is_array(uint32_t type) {
  return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

// Types whose entries mean something to whoever reads them later.
bool has_entries(uint32_t type) {
  return is_array(type) || type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
         type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
         type == BPF_MAP_TYPE_LPM_TRIE;
}

Result<Conversion> plan_key(const Layout& from, const Layout& to) {
  ASSIGN_OR_RETURN(const Conversion plan, Conversion::plan(from, to), "key");
  if (plan.adds_fields() || plan.drops_fields()) {
    return failed_precondition("key: has other fields");
  }
  return plan;
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// An entry in its new shape.
class Converter {
 public:
  Converter(const Conversion& key, const Conversion& value, const MapShape& from,
            const MapShape& to)
      : key_plan_(key),
        value_plan_(value),
        from_(from),
        to_(to),
        key(to.key_size),
        value(to.value_bytes()) {}

  void convert(const void* old_key, const void* old_value) {
    key_plan_.apply({static_cast<const std::byte*>(old_key), from_.key_size}, key);
    for (uint32_t cpu = 0; cpu < std::min(from_.copies, to_.copies); ++cpu) {
      value_plan_.apply({static_cast<const std::byte*>(old_value) + size_t{cpu} * from_.stride(),
                         from_.value_size},
                        std::span(value).subspan(size_t{cpu} * to_.stride(), to_.value_size));
    }
  }

 private:
  const Conversion& key_plan_;
  const Conversion& value_plan_;
  const MapShape& from_;
  const MapShape& to_;

 public:
  std::vector<std::byte> key, value;
};

}  // namespace

std::string map_path(const std::string& pin_dir, const std::string& name) {
  const std::string next = fmt::format("{}/next/{}", pin_dir, name);
  return ::access(next.c_str(), F_OK) == 0 ? next : fmt::format("{}/maps/{}", pin_dir, name);
}

Result<MapUpgrade> MapUpgrade::find(const std::string& pin_dir) {
  MapUpgrade upgrade;
  upgrade.pin_dir_ = pin_dir;
  for (const std::string& name : list_pins(pin_dir + "/next")) {
    RETURN_IF_ERROR(upgrade.add(name), "upgrade map {}", name);
  }
  return upgrade;
}

Status MapUpgrade::add(const std::string& name) {
  finishable_.push_back(name);
  auto from = KernelMapHandle::open(fmt::format("{}/maps/{}", pin_dir_, name));
  if (from.status().code() == StatusCode::kNotFound) return {};
  RETURN_IF_ERROR(from.status());
  ASSIGN_OR_RETURN(KernelMapHandle to,
                   KernelMapHandle::open(fmt::format("{}/next/{}", pin_dir_, name)));
  const MapShape old_shape = from->shape(), new_shape = to.shape();
  if (!has_entries(old_shape.type) || !has_entries(new_shape.type)) return {};
  auto key = plan_key(old_shape.key, new_shape.key);
  auto value = Conversion::plan(old_shape.value, new_shape.value);
  const Status readable = key.ok() ? value.status() : key.status();
  if (!readable.ok() || is_array(old_shape.type) != is_array(new_shape.type)) {
    unreadable_.push_back(readable.ok() ? name : fmt::format("{} ({})", name, message(readable)));
    must_wait_ |= written_by_agent(name);
    return {};
  }
  maps_.push_back({.name = name,
                   .from = std::move(*from),
                   .to = std::move(to),
                   .key = std::move(*key),
                   .value = std::move(*value)});
  return {};
}

std::vector<std::string> MapUpgrade::names() const {
  return finishable_;
}

Status MapUpgrade::copy() {
  for (const Pair& pair : maps_) RETURN_IF_ERROR(copy_all(pair), "copy map {}", pair.name);
  return catch_up();
}

// Not what the agent writes: it has written nothing to the old maps, and may have erased something
// from the new ones.
Status MapUpgrade::catch_up() {
  for (const Pair& pair : maps_) {
    if (written_by_agent(pair.name)) continue;
    RETURN_IF_ERROR(copy_missing(pair), "copy map {}", pair.name);
  }
  return {};
}

// A map that an interrupted upgrade left may have newer entries than the old one: they stay.
Status MapUpgrade::copy_all(const Pair& pair) const {
  const MapShape& from = pair.from.shape();
  const MapShape& to = pair.to.shape();
  bool empty = true;
  RETURN_IF_ERROR(pair.to.for_each([&](const void*, const void* value) {
    empty &= is_array(to.type) &&
             all_zero({static_cast<const std::byte*>(value), size_t{to.value_bytes()}});
  }));
  if (!empty) return copy_missing(pair);

  Converter entry(*pair.key, *pair.value, from, to);
  std::vector<std::byte> keys, values;
  uint32_t pending = 0;
  Status status;
  const auto flush = [&] {
    if (status.ok() && pending > 0) status = pair.to.put_batch(keys.data(), values.data(), pending);
    keys.clear();
    values.clear();
    pending = 0;
  };
  RETURN_IF_ERROR(pair.from.for_each([&](const void* key, const void* value) {
    if (is_array(from.type) &&
        all_zero({static_cast<const std::byte*>(value), size_t{from.value_bytes()}})) {
      return;
    }
    entry.convert(key, value);
    keys.insert(keys.end(), entry.key.begin(), entry.key.end());
    values.insert(values.end(), entry.value.begin(), entry.value.end());
    if (++pending == kChunk) flush();
  }));
  flush();
  return status;
}

Status MapUpgrade::copy_missing(const Pair& pair) const {
  if (is_array(pair.to.shape().type)) return {};
  Converter entry(*pair.key, *pair.value, pair.from.shape(), pair.to.shape());
  Status status;
  RETURN_IF_ERROR(pair.from.for_each([&](const void* key, const void* value) {
    if (!status.ok()) return;
    entry.convert(key, value);
    status = pair.to.put_new(entry.key.data(), entry.value.data());
  }));
  return status;
}

Status MapUpgrade::finish() {
  for (const std::string& name : finishable_) {
    const std::string from = fmt::format("{}/next/{}", pin_dir_, name);
    const std::string to = fmt::format("{}/maps/{}", pin_dir_, name);
    if (::rename(from.c_str(), to.c_str()) < 0 && errno != ENOENT) {
      return errno_status(errno, fmt::format("rename {} to {}", from, to));
    }
  }
  finishable_.clear();
  maps_.clear();
  must_wait_ = false;
  return {};
}

}  // namespace skiff::datapath
