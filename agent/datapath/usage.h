// SPDX-License-Identifier: Apache-2.0
// How full the maps are, which of them ought to be larger, and what is worth telling.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/datapath/maps.h"

namespace skiff::datapath {

struct MapUsage {
  std::string name;
  std::optional<uint32_t> entries = {};  // nothing: not counted
  uint32_t capacity = 0;
  // Writes there was no room for, since the agent started or the maps were made.
  uint64_t refused = 0;
  bool evicts = false;  // full is usual: the oldest goes
  bool grows = true;    // false: others than the agent's Maps hold it
};

// What programs, not the agent, had no room for (bpf/abi/reason.h).
struct ProgramRefusals {
  uint64_t flows = 0;         // flow_table_full
  uint64_t policy_flows = 0;  // policy_flow_table_full
};

// Counts the entries of every map that may get full: those of `maps`, and others pinned under
// `pin_dir` (empty: none). Some ten milliseconds for 100,000 flows. Any thread.
Result<std::vector<MapUsage>> measure(const Maps& maps, const std::string& pin_dir,
                                      const ProgramRefusals& refusals);
// Those of `maps` without counting entries: microseconds.
std::vector<MapUsage> measure_refused(const Maps& maps, const ProgramRefusals& refusals);

// The sizes that maps ought to have, by name: twice as large where three quarters are used, or
// where more writes were refused than `before` says. Pure. `largest` entries at most.
std::map<std::string, uint32_t> plan_growth(std::span<const MapUsage> now,
                                            std::span<const MapUsage> before,
                                            uint32_t largest = 1 << 24);

struct MapNews {
  std::string map;
  const char* reason = "";  // of an Event
  std::string text;         // of the same
  uint64_t refused = 0;     // writes since the last look
};

// What is to be told of `now`: maps that refused writes since `before`, and those four fifths full
// that were not so when they were last counted. `nearly_full` keeps their names. Pure but for that.
std::vector<MapNews> plan_news(std::span<const MapUsage> now, std::span<const MapUsage> before,
                               std::set<std::string>& nearly_full);

}  // namespace skiff::datapath
