// SPDX-License-Identifier: Apache-2.0
// What the kubelet counts and times, under the names of Kubernetes' kubelet, which dashboards and
// tests read. Calls of the runtime are counted where they are made (agent/runtime).
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "agent/kubelet/action.h"
#include "agent/kubelet/observed.h"
#include "agent/kubelet/probe.h"
#include "base/metrics.h"

namespace skiff::kubelet {

// What runs of one pod or of all.
struct RunningCounts {
  int pods = 0;  // with a ready sandbox
  std::map<runtime::ContainerState, int> containers;
  RunningCounts& operator+=(const RunningCounts& other);
};
RunningCounts count_running(const Observed& observed);

// Lives on the loop. The registry outlives it.
class KubeletMetrics {
 public:
  KubeletMetrics(metrics::Registry& registry, const std::string& node_name);

  void probed(const api::Pod& pod, const std::string& container, ProbeKind kind,
              const ActionOutcome& outcome);
  // The pod is gone, and so are its series.
  void forget_probes(const std::string& pod_uid);

  // From the moment the kubelet first saw the pod until it runs.
  void pod_started(Duration took);
  void pod_worked(const std::string& operation, Duration took);  // sync, terminating
  void relisted(Duration took);
  void pod_sandbox(bool started);
  // `type`: container or init_container.
  void container(const std::string& type, bool started);
  // For whoever asks now.
  void show(const RunningCounts& counts);

 private:
  metrics::Registry& registry_;
  prometheus::Family<metrics::Counter>& probes_;
  std::unordered_map<std::string, std::unordered_set<metrics::Counter*>> probes_of_;  // by pod uid
};

}  // namespace skiff::kubelet
