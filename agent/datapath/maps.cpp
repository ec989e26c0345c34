// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/maps.h"

#include "agent/datapath/kernel_map.h"
#include "agent/datapath/map_upgrade.h"
#include "agent/datapath/memory_map.h"

namespace skiff::datapath {

namespace {

// Applies `make(name, table)` to each table: the one list of names.
template <class Make>
Status each_table(Maps& maps, const Make& make) {
  RETURN_IF_ERROR(make("frontends", maps.frontends));
  RETURN_IF_ERROR(make("backends", maps.backends));
  RETURN_IF_ERROR(make("affinity", maps.affinity));
  RETURN_IF_ERROR(make("flows", maps.flows));
  RETURN_IF_ERROR(make("new_flows", maps.new_flows));
  RETURN_IF_ERROR(make("aliases", maps.aliases));
  RETURN_IF_ERROR(make("new_aliases", maps.new_aliases));
  RETURN_IF_ERROR(make("fragments", maps.fragments));
  RETURN_IF_ERROR(make("pods", maps.pods));
  RETURN_IF_ERROR(make("nodes", maps.nodes));
  RETURN_IF_ERROR(make("peers", maps.peers));
  RETURN_IF_ERROR(make("ranges", maps.ranges));
  RETURN_IF_ERROR(make("devices", maps.devices));
  RETURN_IF_ERROR(make("reserved_ports", maps.reserved_ports));
  RETURN_IF_ERROR(make("reverse_sockets", maps.reverse_sockets));
  RETURN_IF_ERROR(make("socket_lb_off", maps.socket_lb_off));
  RETURN_IF_ERROR(make("source_ranges", maps.source_ranges));
  RETURN_IF_ERROR(make("maglev", maps.maglev));
  RETURN_IF_ERROR(make("policy_state", maps.policy_state));
  RETURN_IF_ERROR(make("pod_policies", maps.pod_policies));
  RETURN_IF_ERROR(make("policy_peers", maps.policy_peers));
  RETURN_IF_ERROR(make("policy_ranges", maps.policy_ranges));
  RETURN_IF_ERROR(make("policy_ports", maps.policy_ports));
  RETURN_IF_ERROR(make("policy_flows", maps.policy_flows));
  return make("new_policy_flows", maps.new_policy_flows);
}

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
