// SPDX-License-Identifier: Apache-2.0
// How full the maps are, and which of them ought to be larger.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "agent/datapath/maps.h"

namespace skiff::datapath {

struct MapUsage {
  std::string name;
  uint32_t entries = 0;
  uint32_t capacity = 0;
  uint64_t refused =
      0;  // writes there was no room for, since the agent started or the maps were made
  bool evicts = false;  // full is usual: the oldest goes
  bool counted = true;  // false: an array, `entries` says nothing
};

// Counts the entries of every map whose size depends on the cluster or its traffic: some ten
// milliseconds for 100,000 flows. Any thread. `flows_refused`: the counter of flow_table_full.
Result<std::vector<MapUsage>> measure(const Maps& maps, uint64_t flows_refused);
// The same without counting entries: microseconds.
std::vector<MapUsage> measure_refused(const Maps& maps, uint64_t flows_refused);

// The sizes that maps ought to have, by name: twice as large where three quarters are used, or
// where more writes were refused than `before` says. Pure. `largest` entries at most.
std::map<std::string, uint32_t> plan_growth(std::span<const MapUsage> now,
                                            std::span<const MapUsage> before,
                                            uint32_t largest = 1 << 24);

}  // namespace skiff::datapath
