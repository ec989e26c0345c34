// SPDX-License-Identifier: Apache-2.0
#include "agent/map_watch.h"

#include <spdlog/spdlog.h>

namespace skiff::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kRefusedPeriod = 1s;
constexpr int kLooksBetweenCounts = 30;

}  // namespace

MapWatch::MapWatch(datapath::Datapath& datapath, asio::thread_pool& pool,
                   metrics::Registry& registry, Options options)
    : datapath_(datapath), pool_(pool), registry_(registry), options_(std::move(options)) {}

awaitable<void> MapWatch::run() {
  before_ = datapath::measure_refused(datapath_.maps(), flows_refused());
  for (int look = 0;; look = (look + 1) % kLooksBetweenCounts) {
    if (datapath_.waiting() && options_.synced()) {
      const Status finished = datapath_.finish_upgrade();
      if (!finished.ok()) spdlog::warn("datapath: {}, retrying", message(finished));
    }
    if (look == 0) {
      co_await count();
    } else {
      grow(datapath::measure_refused(datapath_.maps(), flows_refused()));
    }
    co_await sleep_for(kRefusedPeriod);
  }
}

// Flows are entered by programs, which count what they had no room for.
uint64_t MapWatch::flows_refused() const {
  const auto reasons = datapath_.reasons();
  if (!reasons.ok()) return 0;
  for (const datapath::ReasonCount& reason : *reasons)
    if (reason.label == "flow_table_full") return reason.packets;
  return 0;
}

// A pass over a large table takes a while: not on the loop.
awaitable<void> MapWatch::count() {
  const datapath::Maps* maps = &datapath_.maps();
  const uint64_t refused = flows_refused();
  const Result<std::vector<datapath::MapUsage>> now =
      co_await offload(pool_, [maps, refused] { return datapath::measure(*maps, refused); });
  if (!now.ok()) {
    spdlog::warn("{}, retrying", message(now.status()));
    co_return;
  }
  show(*now);
  grow(*now);
}

void MapWatch::grow(const std::vector<datapath::MapUsage>& now) {
  for (const datapath::MapUsage& usage : now) {
    const auto old = std::find_if(before_.begin(), before_.end(),
                                  [&](const auto& one) { return one.name == usage.name; });
    if (old == before_.end() || usage.refused <= old->refused) continue;
    metrics::counter(registry_, "skiff_map_full_total",
                     "Writes to a map of the datapath that there was no room for.",
                     {{"map", usage.name}})
        .Increment(static_cast<double>(usage.refused - old->refused));
    tell(true, "DatapathMapFull",
         fmt::format("Map {} of the datapath was full ({} entries)", usage.name, usage.capacity));
  }
  const std::map<std::string, uint32_t> sizes = datapath::plan_growth(now, before_);
  before_ = now;
  if (sizes.empty() || datapath_.waiting()) return;
  const Status grown = datapath_.grow(sizes);
  for (const auto& [name, size] : sizes) {
    if (grown.ok()) {
      tell(false, "DatapathMapGrown",
           fmt::format("Map {} of the datapath has room for {} entries now", name, size));
    } else {
      tell(true, "DatapathMapFull",
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
    if (usage.counted)
      metrics::gauge(registry_, "skiff_map_entries", "Entries in a map of the datapath.", labels)
          .Set(usage.entries);
    // There from the beginning, so that a rate can be taken of it.
    metrics::counter(registry_, "skiff_map_full_total",
                     "Writes to a map of the datapath that there was no room for.", labels);
  }
}

void MapWatch::tell(bool warning, const char* reason, std::string text) {
  spdlog::log(warning ? spdlog::level::warn : spdlog::level::info, "datapath: {}", text);
  if (options_.events == nullptr) return;
  api::ObjectReference node;
  node.apiVersion = "v1";
  node.kind = "Node";
  node.name = options_.node_name;
  node.uid =
      options_.node_name;  // as the kubelet's Events have it: `kubectl describe node` asks for that
  if (warning) {
    options_.events->warning(node, reason, std::move(text));
  } else {
    options_.events->normal(node, reason, std::move(text));
  }
}

}  // namespace skiff::agent
