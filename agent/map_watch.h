// SPDX-License-Identifier: Apache-2.0
// Looks after the size of the datapath's maps: figures for /metrics, larger maps before they are
// full, an Event on the Node when one was. Also ends an upgrade that waited for the first sync.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/datapath/usage.h"
#include "base/async.h"
#include "base/metrics.h"
#include "kube/events.h"

namespace skiff::agent {

class MapWatch {
 public:
  struct Options {
    std::string node_name;
    // True once the agent has written everything it knows.
    std::function<bool()> synced;
    kube::EventRecorder* events = nullptr;  // null: nobody is told
  };
  // All must outlive the watch, which never ends.
  MapWatch(datapath::Datapath& datapath, asio::thread_pool& pool, metrics::Registry& registry,
           Options options);

  awaitable<void> run();

 private:
  uint64_t flows_refused() const;
  awaitable<void> count();
  void grow(const std::vector<datapath::MapUsage>& now);
  void show(const std::vector<datapath::MapUsage>& now);
  void tell(bool warning, const char* reason, std::string text);

  datapath::Datapath& datapath_;
  asio::thread_pool& pool_;
  metrics::Registry& registry_;
  Options options_;
  std::vector<datapath::MapUsage> before_;
};

}  // namespace skiff::agent
