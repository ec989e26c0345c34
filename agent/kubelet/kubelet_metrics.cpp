// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/kubelet_metrics.h"

namespace skiff::kubelet {
namespace {

using runtime::ContainerState;

// Kubernetes' bounds, and some below its first: a pod takes a quarter of a second here.
const metrics::Buckets& start_buckets() {
  static const metrics::Buckets buckets = {0.05, 0.1, 0.2, 0.3, 0.5, 1,    2,    3,    4,   5,
                                           6,    8,   10,  20,  30,  45,   60,   120,  180, 240,
                                           300,  360, 480, 600, 900, 1200, 1800, 2700, 3600};
  return buckets;
}

const metrics::Buckets& work_buckets() {
  static const metrics::Buckets buckets = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
  return buckets;
}

const char* word_for(ContainerState state) {
  switch (state) {
    case ContainerState::Created:
      return "created";
    case ContainerState::Running:
      return "running";
    case ContainerState::Exited:
      return "exited";
    case ContainerState::Unknown:
      break;
  }
  return "unknown";
}

}  // namespace

RunningCounts& RunningCounts::operator+=(const RunningCounts& other) {
  pods += other.pods;
  for (const auto& [state, count] : other.containers) containers[state] += count;
  return *this;
}

RunningCounts count_running(const Observed& observed) {
  RunningCounts counts;
  const runtime::Sandbox* sandbox = observed.sandbox();
  counts.pods = sandbox && sandbox->state == runtime::SandboxState::Ready ? 1 : 0;
  for (const auto& container : observed.containers) ++counts.containers[container.status.state];
  return counts;
}

KubeletMetrics::KubeletMetrics(metrics::Registry& registry, const std::string& node_name)
    : registry_(registry),
      probes_(prometheus::BuildCounter()
                  .Name("prober_probe_total")
                  .Help("Probes of containers, by result.")
                  .Register(registry)) {
  metrics::gauge(registry, "kubelet_node_name", "The node's name; always 1.", {{"node", node_name}})
      .Set(1);
  show({});
}

void KubeletMetrics::probed(const api::Pod& pod, const std::string& container, ProbeKind kind,
                            const ActionOutcome& outcome) {
  const char* result = !outcome.conclusive ? "unknown" : outcome.success ? "successful" : "failed";
  metrics::Counter& counter = probes_.Add({{"probe_type", to_string(kind)},
                                           {"result", result},
                                           {"container", container},
                                           {"pod", pod.metadata.name},
                                           {"namespace", pod.metadata.namespace_},
                                           {"pod_uid", pod.metadata.uid}});
  counter.Increment();
  probes_of_[pod.metadata.uid].insert(&counter);
}

void KubeletMetrics::forget_probes(const std::string& pod_uid) {
  const auto found = probes_of_.find(pod_uid);
  if (found == probes_of_.end()) return;
  for (metrics::Counter* counter : found->second) probes_.Remove(counter);
  probes_of_.erase(found);
}

void KubeletMetrics::pod_started(Duration took) {
  metrics::histogram(registry_, "kubelet_pod_start_duration_seconds",
                     "From seeing a pod for the first time until it runs.", start_buckets())
      .Observe(metrics::seconds(took));
}

void KubeletMetrics::pod_worked(const std::string& operation, Duration took) {
  metrics::histogram(registry_, "kubelet_pod_worker_duration_seconds",
                     "One round of a pod's worker.", work_buckets(),
                     {{"operation_type", operation}})
      .Observe(metrics::seconds(took));
}

void KubeletMetrics::relisted(Duration took) {
  metrics::histogram(registry_, "kubelet_pleg_relist_duration_seconds",
                     "Listing what the runtime has.", work_buckets())
      .Observe(metrics::seconds(took));
}

void KubeletMetrics::pod_sandbox(bool started) {
  metrics::counter(registry_, "kubelet_started_pods_total", "Pod sandboxes begun.").Increment();
  if (!started)
    metrics::counter(registry_, "kubelet_started_pods_errors_total",
                     "Pod sandboxes that could not be made.")
        .Increment();
}

void KubeletMetrics::container(const std::string& type, bool started) {
  metrics::counter(registry_, "kubelet_started_containers_total", "Containers begun.",
                   {{"container_type", type}})
      .Increment();
  if (!started)
    metrics::counter(registry_, "kubelet_started_containers_errors_total",
                     "Containers that could not be started.", {{"container_type", type}})
        .Increment();
}

void KubeletMetrics::show(const RunningCounts& counts) {
  metrics::gauge(registry_, "kubelet_running_pods", "Pods with a running sandbox.")
      .Set(counts.pods);
  for (const ContainerState state : {ContainerState::Created, ContainerState::Running,
                                     ContainerState::Exited, ContainerState::Unknown}) {
    const auto found = counts.containers.find(state);
    metrics::gauge(registry_, "kubelet_running_containers", "Containers there are, by state.",
                   {{"container_state", word_for(state)}})
        .Set(found == counts.containers.end() ? 0 : found->second);
  }
}

}  // namespace skiff::kubelet
