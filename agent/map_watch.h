// SPDX-License-Identifier: Apache-2.0
// Looks after the size of the datapath's maps: figures for /metrics, larger maps before they are
// full, an Event on the Node when one gets full or was. Also ends an upgrade that waited for the
// first sync.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/datapath/usage.h"
#include "base/async.h"
#include "base/metrics.h"

namespace skiff::agent {

// What is watched. All but `count` are called on the loop.
struct WatchedMaps {
  std::function<Result<std::vector<datapath::MapUsage>>()> count;  // in a thread of the pool
  std::function<std::vector<datapath::MapUsage>()> look;
  std::function<Status(const std::map<std::string, uint32_t>&)> grow;
  std::function<bool()> waits_for_sync;  // an upgrade does
  std::function<Status()> finish_upgrade;
  std::function<bool()> synced;  // the agent has written everything it knows
  // Of an Event on the Node.
  std::function<void(bool warning, const char* reason, std::string text)> tell;
};

class MapWatch {
 public:
  // All must outlive the watch.
  MapWatch(WatchedMaps maps, asio::thread_pool& pool, metrics::Registry& registry)
      : maps_(std::move(maps)), pool_(pool), registry_(registry) {}

  // Looks every second, counts every thirty. Never ends.
  awaitable<void> run();
  awaitable<void> step(bool count);

 private:
  void judge(const std::vector<datapath::MapUsage>& now);
  void grow(const std::map<std::string, uint32_t>& sizes);
  void show(const std::vector<datapath::MapUsage>& now);

  WatchedMaps maps_;
  asio::thread_pool& pool_;
  metrics::Registry& registry_;
  std::vector<datapath::MapUsage> before_;
  std::set<std::string> nearly_full_;
};

}  // namespace skiff::agent
