// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/usage.h"

#include <algorithm>
#include <array>

#include "agent/datapath/bpffs.h"
#include "agent/datapath/kernel_map.h"
#include "agent/datapath/map_upgrade.h"

namespace skiff::datapath {

namespace {

// Arrays that are always as large as they must be.
bool is_fixed(std::string_view name) {
  constexpr std::array<std::string_view, 2> kFixed = {"reserved_ports", "policy_state"};
  return std::ranges::find(kFixed, name) != kFixed.end();
}

template <class Table>
MapUsage usage_of(const char* name, const Table& table, const ProgramRefusals& refusals) {
  const std::string_view map = name;
  MapUsage usage = {.name = name, .capacity = table.capacity(), .evicts = table.evicts()};
  if (map == "flows" || map == "aliases") {
    usage.refused = refusals.flows;
  } else if (map == "policy_flows") {
    usage.refused = refusals.policy_flows;
  } else {
    usage.refused = table.refused();
  }
  return usage;
}

// Maps that belong to other parts of the agent: they open them by themselves, so they do not grow.
Status add_others(const std::string& pin_dir, std::vector<MapUsage>& usages) {
  for (const std::string& name : list_pins(pin_dir + "/maps")) {
    if (is_fixed(name) || std::ranges::find(usages, name, &MapUsage::name) != usages.end())
      continue;
    ASSIGN_OR_RETURN(const KernelMapHandle map, KernelMapHandle::open(map_path(pin_dir, name)));
    if (!map.is_hash()) continue;
    ASSIGN_OR_RETURN(const uint32_t entries, map.count(), "{}", name);
    usages.push_back({.name = name,
                      .entries = entries,
                      .capacity = map.capacity(),
                      .evicts = map.evicts(),
                      .grows = false});
  }
  return {};
}

// Writes refused since `before`; 0 where that does not know the map.
uint64_t newly_refused(const MapUsage& usage, std::span<const MapUsage> before) {
  const auto old = std::ranges::find(before, usage.name, &MapUsage::name);
  if (old == before.end() || usage.refused <= old->refused) return 0;
  return usage.refused - old->refused;
}

}  // namespace

Result<std::vector<MapUsage>> measure(const Maps& maps, const std::string& pin_dir,
                                      const ProgramRefusals& refusals) {
  std::vector<MapUsage> usages;
  RETURN_IF_ERROR(each_table(maps,
                             [&](const char* name, const auto& table) -> Status {
                               if (is_fixed(name)) return {};
                               MapUsage usage = usage_of(name, *table, refusals);
                               ASSIGN_OR_RETURN(usage.entries, table->count(), "{}", name);
                               usages.push_back(std::move(usage));
                               return {};
                             }),
                  "measure maps");
  if (!pin_dir.empty()) RETURN_IF_ERROR(add_others(pin_dir, usages), "measure maps");
  return usages;
}

std::vector<MapUsage> measure_refused(const Maps& maps, const ProgramRefusals& refusals) {
  std::vector<MapUsage> usages;
  (void)each_table(maps, [&](const char* name, const auto& table) {
    if (!is_fixed(name)) usages.push_back(usage_of(name, *table, refusals));
    return Status();
  });
  return usages;
}

std::map<std::string, uint32_t> plan_growth(std::span<const MapUsage> now,
                                            std::span<const MapUsage> before, uint32_t largest) {
  std::map<std::string, uint32_t> sizes;
  for (const MapUsage& usage : now) {
    if (usage.evicts || !usage.grows) continue;
    const bool nearly_full =
        usage.entries && uint64_t{*usage.entries} * 4 >= uint64_t{usage.capacity} * 3;
    if (newly_refused(usage, before) == 0 && !nearly_full) continue;
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

std::vector<MapNews> plan_news(std::span<const MapUsage> now, std::span<const MapUsage> before,
                               std::set<std::string>& nearly_full) {
  std::vector<MapNews> news;
  for (const MapUsage& usage : now) {
    if (usage.evicts) continue;
    if (const uint64_t refused = newly_refused(usage, before); refused != 0) {
      news.push_back({.map = usage.name,
                      .reason = "DatapathMapFull",
                      .text = fmt::format("Map {} of the datapath was full ({} entries)",
                                          usage.name, usage.capacity),
                      .refused = refused});
    }
    if (!usage.entries) continue;
    const bool is_nearly_full = uint64_t{*usage.entries} * 5 >= uint64_t{usage.capacity} * 4;
    if (!is_nearly_full) {
      nearly_full.erase(usage.name);
    } else if (nearly_full.insert(usage.name).second) {
      news.push_back({.map = usage.name,
                      .reason = "DatapathMapNearlyFull",
                      .text = fmt::format("Map {} of the datapath has {} of {} entries", usage.name,
                                          *usage.entries, usage.capacity)});
    }
  }
  return news;
}

}  // namespace skiff::datapath
