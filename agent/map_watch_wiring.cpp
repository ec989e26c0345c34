// SPDX-License-Identifier: Apache-2.0
// The watch over the datapath's maps among the agent's other parts.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"

namespace skiff::agent {
namespace {

// Flows are entered by programs, which count what they had no room for.
datapath::ProgramRefusals refusals_of(const datapath::Datapath& datapath) {
  datapath::ProgramRefusals refusals;
  const auto reasons = datapath.reasons();
  if (!reasons.ok()) return refusals;
  for (const datapath::ReasonCount& reason : *reasons) {
    if (reason.label == "flow_table_full") refusals.flows = reason.packets;
    if (reason.label == "policy_flow_table_full") refusals.policy_flows = reason.packets;
  }
  return refusals;
}

// As the kubelet's Events have the Node, with its name as its UID: `kubectl describe node` asks for
// that.
void tell(kube::EventRecorder* events, const std::string& node_name, bool warning,
          const char* reason, std::string text) {
  spdlog::log(warning ? spdlog::level::warn : spdlog::level::info, "datapath: {}", text);
  if (events == nullptr) return;
  api::ObjectReference node;
  node.apiVersion = "v1";
  node.kind = "Node";
  node.name = node.uid = node_name;
  if (warning) {
    events->warning(node, reason, std::move(text));
  } else {
    events->normal(node, reason, std::move(text));
  }
}

}  // namespace

void Daemon::start_map_watch() {
  if (!datapath_) return;
  datapath::Datapath* datapath = datapath_.get();
  kube::EventRecorder* events = events_ ? events_.get() : proxy_events_.get();
  WatchedMaps maps;
  maps.count = [datapath, pins = config_.bpf_dir.string()] {
    return datapath::measure(datapath->maps(), pins, refusals_of(*datapath));
  };
  maps.look = [datapath] {
    return datapath::measure_refused(datapath->maps(), refusals_of(*datapath));
  };
  maps.grow = [datapath](const auto& sizes) { return datapath->grow(sizes); };
  maps.waits_for_sync = [datapath] { return datapath->waiting(); };
  maps.finish_upgrade = [datapath] { return datapath->finish_upgrade(); };
  maps.synced = [this] { return not_ready_because().empty(); };
  maps.tell = [this, events](bool warning, const char* reason, std::string text) {
    tell(events, config_.node_name, warning, reason, std::move(text));
  };
  map_watch_ = std::make_unique<MapWatch>(std::move(maps), pool_, registry_);
  spawn(executor_, "map watch", map_watch_->run());
}

}  // namespace skiff::agent
