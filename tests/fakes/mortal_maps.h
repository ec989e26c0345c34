// SPDX-License-Identifier: Apache-2.0
// Maps of an agent that dies after so many writes: the maps themselves stay, as pinned ones do.
#pragma once

#include <memory>

#include "agent/datapath/maps.h"

namespace skiff::testing {

// Writes left before the agent is dead; shared by all its maps.
using Lifetime = std::shared_ptr<int>;

template <class K, class V>
class MortalMap final : public datapath::Map<K, V> {
 public:
  MortalMap(datapath::Map<K, V>& map, Lifetime lifetime)
      : map_(map), lifetime_(std::move(lifetime)) {}

  Result<std::optional<V>> get(const K& key) const override { return map_.get(key); }
  Status put(const K& key, const V& value) override {
    return alive() ? map_.put(key, value) : unavailable("dead");
  }
  Status erase(const K& key) override { return alive() ? map_.erase(key) : unavailable("dead"); }
  Status for_each(const std::function<void(const K&, const V&)>& visit) const override {
    return map_.for_each(visit);
  }
  Status put_batch(std::span<const K> keys, std::span<const V> values) override {
    for (size_t i = 0; i < keys.size(); ++i) RETURN_IF_ERROR(put(keys[i], values[i]));
    return {};
  }
  Status erase_batch(std::span<const K> keys) override {
    for (const K& key : keys) RETURN_IF_ERROR(erase(key));
    return {};
  }
  uint32_t capacity() const override { return map_.capacity(); }
  Result<uint32_t> count() const override { return map_.count(); }

 private:
  bool alive() { return (*lifetime_)-- > 0; }

  datapath::Map<K, V>& map_;
  Lifetime lifetime_;
};

template <class K, class V>
std::unique_ptr<datapath::Map<K, V>> mortal(const std::unique_ptr<datapath::Map<K, V>>& map,
                                            const Lifetime& lifetime) {
  return std::make_unique<MortalMap<K, V>>(*map, lifetime);
}

// What the service proxy writes, over `maps`, which must outlive the result.
inline datapath::Maps mortal_service_maps(datapath::Maps& maps, const Lifetime& lifetime) {
  datapath::Maps view;
  view.frontends = mortal(maps.frontends, lifetime);
  view.backends = mortal(maps.backends, lifetime);
  view.source_ranges = mortal(maps.source_ranges, lifetime);
  view.maglev = mortal(maps.maglev, lifetime);
  view.service_counters = mortal(maps.service_counters, lifetime);
  view.reserved_ports = mortal(maps.reserved_ports, lifetime);
  return view;
}

}  // namespace skiff::testing
