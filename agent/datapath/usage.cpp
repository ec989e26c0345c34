// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/usage.h"

#include <algorithm>

namespace skiff::datapath {

namespace {

enum class Kind { kHash, kEvicting, kArray };

// Applies `visit(name, table, kind)` to each map that is worth watching.
template <class Visit>
Status each_watched(const Maps& maps, const Visit& visit) {
  RETURN_IF_ERROR(visit("frontends", *maps.frontends, Kind::kHash));
  RETURN_IF_ERROR(visit("backends", *maps.backends, Kind::kArray));
  RETURN_IF_ERROR(visit("source_ranges", *maps.source_ranges, Kind::kHash));
  RETURN_IF_ERROR(visit("flows", *maps.flows, Kind::kHash));
  RETURN_IF_ERROR(visit("aliases", *maps.aliases, Kind::kHash));
  RETURN_IF_ERROR(visit("new_flows", *maps.new_flows, Kind::kEvicting));
  RETURN_IF_ERROR(visit("affinity", *maps.affinity, Kind::kEvicting));
  RETURN_IF_ERROR(visit("reverse_sockets", *maps.reverse_sockets, Kind::kEvicting));
  RETURN_IF_ERROR(visit("pods", *maps.pods, Kind::kHash));
  return visit("nodes", *maps.nodes, Kind::kHash);
}

bool is_flow_table(const std::string& name) {
  return name == "flows" || name == "aliases";
}

template <class Table>
MapUsage usage_of(const char* name, const Table& table, Kind kind, uint64_t flows_refused) {
  return {.name = name,
          .entries = 0,
          .capacity = table.capacity(),
          .refused = is_flow_table(name) ? flows_refused : table.refused(),
          .evicts = kind == Kind::kEvicting,
          .counted = kind != Kind::kArray};
}

}  // namespace

Result<std::vector<MapUsage>> measure(const Maps& maps, uint64_t flows_refused) {
  std::vector<MapUsage> usages;
  RETURN_IF_ERROR(each_watched(maps,
                               [&](const char* name, const auto& table, Kind kind) -> Status {
                                 MapUsage usage = usage_of(name, table, kind, flows_refused);
                                 if (usage.counted) {
                                   RETURN_IF_ERROR(table.for_each(
                                       [&](const auto&, const auto&) { ++usage.entries; }));
                                 }
                                 usages.push_back(std::move(usage));
                                 return {};
                               }),
                  "measure maps");
  return usages;
}

std::vector<MapUsage> measure_refused(const Maps& maps, uint64_t flows_refused) {
  std::vector<MapUsage> usages;
  (void)each_watched(maps, [&](const char* name, const auto& table, Kind kind) {
    usages.push_back(usage_of(name, table, kind, flows_refused));
    return Status();
  });
  return usages;
}

std::map<std::string, uint32_t> plan_growth(std::span<const MapUsage> now,
                                            std::span<const MapUsage> before, uint32_t largest) {
  std::map<std::string, uint32_t> sizes;
  for (const MapUsage& usage : now) {
    if (usage.evicts) continue;
    const auto old = std::ranges::find(before, usage.name, &MapUsage::name);
    const bool refused = old != before.end() && usage.refused > old->refused;
    const bool nearly_full = uint64_t{usage.entries} * 4 >= uint64_t{usage.capacity} * 3;
    if (!refused && !nearly_full) continue;
    const uint32_t size = std::min<uint64_t>(uint64_t{usage.capacity} * 2, largest);
    if (size > usage.capacity) sizes[usage.name] = size;
  }
  // A flow has an entry in both.
  if (sizes.contains("flows") || sizes.contains("aliases")) {
    const uint32_t size = std::max(sizes["flows"], sizes["aliases"]);
    sizes["flows"] = sizes["aliases"] = size;
  }
  return sizes;
}

}  // namespace skiff::datapath
