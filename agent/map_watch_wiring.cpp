// SPDX-License-Identifier: Apache-2.0
// The watch over the datapath's maps among the agent's other parts.
#include "agent/daemon.h"

namespace skiff::agent {

void Daemon::start_map_watch() {
  if (!datapath_) return;
  map_watch_ = std::make_unique<MapWatch>(
      *datapath_, pool_, registry_,
      MapWatch::Options{.node_name = config_.node_name,
                        .synced = [this] { return not_ready_because().empty(); },
                        .events = events_ ? events_.get() : proxy_events_.get()});
  spawn(executor_, "map watch", map_watch_->run());
}

}  // namespace skiff::agent
