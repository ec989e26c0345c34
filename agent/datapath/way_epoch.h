// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "agent/datapath/kernel_map.h"

namespace skiff::datapath {

// The number in the map `way_epoch`. Programs remember where the packets of a flow go only as long
// as it stays (bpf/lib/way.h, ADR 0053). Any thread.
class WayEpoch {
 public:
  static Result<std::shared_ptr<WayEpoch>> open(const std::string& pin_dir);
  explicit WayEpoch(KernelMapHandle map) : map_(std::move(map)) {}

  // What programs have found so far may be wrong now. Never 0, and no number twice.
  Status advance();

 private:
  std::mutex mutex_;
  KernelMapHandle map_;
};

// A map that decides where packets go: after each change programs look again.
template <class K, class V>
class RoutingMap final : public KernelMap<K, V> {
 public:
  RoutingMap(KernelMapHandle handle, std::shared_ptr<WayEpoch> epoch)
      : KernelMap<K, V>(std::move(handle)), epoch_(std::move(epoch)) {}

  Status put(const K& key, const V& value) override {
    return changed(KernelMap<K, V>::put(key, value));
  }
  Status erase(const K& key) override { return changed(KernelMap<K, V>::erase(key)); }
  Status put_batch(std::span<const K> keys, std::span<const V> values) override {
    return changed(KernelMap<K, V>::put_batch(keys, values));
  }
  Status erase_batch(std::span<const K> keys) override {
    return changed(KernelMap<K, V>::erase_batch(keys));
  }

 private:
  // Also after one that failed half-way.
  Status changed(Status done) {
    const Status advanced = epoch_->advance();
    return done.ok() ? advanced : done;
  }

  std::shared_ptr<WayEpoch> epoch_;
};

}  // namespace skiff::datapath
