// SPDX-License-Identifier: Apache-2.0
#include "agent/map_watch.h"

#include <spdlog/spdlog.h>

namespace skiff::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kRefusedPeriod = 1s;
constexpr int kLooksBetweenCounts = 30;

metrics::Counter& full_counter(metrics::Registry& registry, const std::string& map) {
  return metrics::counter(registry, "skiff_map_full_total",
                          "Writes to a map of the datapath that there was no room for.",
                          {{"map", map}});
}

}  // namespace

awaitable<void> MapWatch::run() {
  before_ = maps_.look();
  for (int look = 0;; look = (look + 1) % kLooksBetweenCounts) {
    co_await step(look == 0);
    co_await sleep_for(kRefusedPeriod);
  }
}

// A pass over a large table takes a while: not on the loop.
awaitable<void> MapWatch::step(bool count) {
  if (maps_.waits_for_sync() && maps_.synced()) {
    const Status finished = maps_.finish_upgrade();
    if (!finished.ok()) spdlog::warn("datapath: {}, retrying", message(finished));
  }
  if (!count) {
    judge(maps_.look());
    co_return;
  }
  const Result<std::vector<datapath::MapUsage>> now = co_await offload(pool_, maps_.count);
  if (!now.ok()) {
    spdlog::warn("{}, retrying", message(now.status()));
    co_return;
  }
  show(*now);
  judge(*now);
}

void MapWatch::judge(const std::vector<datapath::MapUsage>& now) {
  for (const datapath::MapNews& news : datapath::plan_news(now, before_, nearly_full_)) {
    if (news.refused > 0)
      full_counter(registry_, news.map).Increment(static_cast<double>(news.refused));
    maps_.tell(true, news.reason, news.text);
  }
  const std::map<std::string, uint32_t> sizes = datapath::plan_growth(now, before_);
  before_ = now;
  if (!sizes.empty() && !maps_.waits_for_sync()) grow(sizes);
}

void MapWatch::grow(const std::map<std::string, uint32_t>& sizes) {
  const Status grown = maps_.grow(sizes);
  for (const auto& [name, size] : sizes) {
    if (grown.ok()) {
      maps_.tell(false, "DatapathMapGrown",
                 fmt::format("Map {} of the datapath has room for {} entries now", name, size));
    } else {
      maps_.tell(true, "DatapathMapFull",
                 fmt::format("Map {} of the datapath cannot grow to {} entries: {}", name, size,
                             message(grown)));
    }
  }
}

void MapWatch::show(const std::vector<datapath::MapUsage>& now) {
  for (const datapath::MapUsage& usage : now) {
    const metrics::Labels labels = {{"map", usage.name}};
    metrics::gauge(registry_, "skiff_map_capacity", "Entries a map of the datapath has room for.",
                   labels)
        .Set(usage.capacity);
    if (usage.entries)
      metrics::gauge(registry_, "skiff_map_entries", "Entries in a map of the datapath.", labels)
          .Set(*usage.entries);
    // There from the beginning, so that a rate can be taken of it.
    if (!usage.evicts) full_counter(registry_, usage.name);
  }
}

}  // namespace skiff::agent
