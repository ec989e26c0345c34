// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/maps.h"

#include <algorithm>

#include "agent/datapath/kernel_map.h"
#include "agent/datapath/map_upgrade.h"
#include "agent/datapath/memory_map.h"
#include "agent/datapath/way_epoch.h"

namespace skiff::datapath {

namespace {

// Those that say where packets without a flow of their own go.
bool decides_ways(std::string_view name) {
  constexpr std::string_view kNames[] = {"frontends", "pods",    "nodes",        "peers",
                                         "ranges",    "devices", "policy_state", "pod_policies"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

template <class K, class V>
Status open_table(const std::string& path, std::unique_ptr<Map<K, V>>& table,
                  const std::shared_ptr<WayEpoch>& epoch) {
  ASSIGN_OR_RETURN(auto handle, KernelMapHandle::open_pinned(path, sizeof(K), sizeof(V)));
  if (epoch)
    table = std::make_unique<RoutingMap<K, V>>(std::move(handle), epoch);
  else
    table = std::make_unique<KernelMap<K, V>>(std::move(handle));
  return {};
}

template <class K, class V>
void make_table(std::unique_ptr<Map<K, V>>& table) {
  table = std::make_unique<MemoryMap<K, V>>();
}

}  // namespace

Result<Maps> open_maps(const std::string& pin_dir) {
  Maps maps;
  ASSIGN_OR_RETURN(maps.way_epoch, WayEpoch::open(pin_dir));
  RETURN_IF_ERROR(each_table(maps, [&](const char* name, auto& table) {
    return open_table(map_path(pin_dir, name), table,
                      decides_ways(name) ? maps.way_epoch : nullptr);
  }));
  return maps;
}

Status reopen_maps(Maps& maps, const std::string& pin_dir) {
  return each_table(maps,
                    [&]<class K, class V>(const char* name, std::unique_ptr<Map<K, V>>& table) {
                      return static_cast<KernelMap<K, V>&>(*table).reopen(map_path(pin_dir, name));
                    });
}

Maps memory_maps() {
  Maps maps;
  (void)each_table(maps, [](const char*, auto& table) {
    make_table(table);
    return Status();
  });
  return maps;
}

}  // namespace skiff::datapath
