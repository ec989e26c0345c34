// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/maps.h"

#include "agent/datapath/kernel_map.h"
#include "agent/datapath/map_upgrade.h"
#include "agent/datapath/memory_map.h"

namespace skiff::datapath {

namespace {

template <class K, class V>
Status open_table(const std::string& path, std::unique_ptr<Map<K, V>>& table) {
  ASSIGN_OR_RETURN(table, (KernelMap<K, V>::open_pinned(path)));
  return {};
}

template <class K, class V>
void make_table(std::unique_ptr<Map<K, V>>& table) {
  table = std::make_unique<MemoryMap<K, V>>();
}

}  // namespace

Result<Maps> open_maps(const std::string& pin_dir) {
  Maps maps;
  RETURN_IF_ERROR(each_table(maps, [&](const char* name, auto& table) {
    return open_table(map_path(pin_dir, name), table);
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
