// SPDX-License-Identifier: Apache-2.0
// One pod of this node as its worker holds it, and the parts that workers share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/kubelet/hook_run.h"
#include "agent/kubelet/images.h"
#include "agent/kubelet/kubelet_metrics.h"
#include "agent/kubelet/observed.h"
#include "agent/kubelet/options.h"
#include "agent/kubelet/pod_plan.h"
#include "agent/kubelet/prober.h"
#include "agent/kubelet/status_writer.h"
#include "agent/kubelet/volumes/volumes.h"
#include "agent/runtime/runtime.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/store.h"

namespace skiff::kubelet {

// Lives on the loop. A worker holds it by shared pointer, so that it outlives the pod's deletion.
struct PodRecord {
  std::string namespace_;
  std::string name;
  std::string uid;
  PodPtr pod;          // as last seen in the API; null: only the runtime knows it
  bool gone = false;   // not in the API any more
  bool ended = false;  // nothing of it is left on this node
  PodMemory memory;
  std::optional<api::PodStatus> status;  // as last computed
  std::optional<TimePoint> volumes_checked;
  std::optional<TimePoint> ending_since;
  std::optional<TimePoint> seen;                // first, by this agent, in the API
  RunningCounts running;                        // as last observed
  std::map<std::string, HookRunPtr> pre_stops;  // by container id; null: it has no such hook

  bool ending() const { return gone || !pod || pod->metadata.deletionTimestamp; }
};
using RecordPtr = std::shared_ptr<PodRecord>;

// What workers work with. Everything outlives the loop.
struct Parts {
  Executor executor;
  const Options& options;
  runtime::Runtime& runtime;
  kube::Client& client;
  kube::Store<api::Service>& services;
  kube::EventRecorder& events;
  const Clock& clock;
  asio::thread_pool& pool;
  ObjectSource& objects;
  Observer& observer;
  Volumes& volumes;
  Images& images;
  Prober& prober;
  StatusWriter& statuses;
  KubeletMetrics& metrics;
  std::function<void(const PodRecord&)> enqueue;
};

// The pod with the status we last computed, which its copy in the store may not show yet.
PodPtr pod_with_status(const PodRecord& record);

// Computes the status and sends it to the API if it changed. `plan` null: the pod is ending.
void publish_status(Parts& parts, PodRecord& record, const Observed& observed, const Plan* plan,
                    bool terminal);

}  // namespace skiff::kubelet
