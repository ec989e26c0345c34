// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/pod_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace skiff::printers {
namespace {

using api::ContainerStateTerminated;
using api::ContainerStatus;
using api::Pod;

const api::PodCondition* find_condition(const Pod& pod, std::string_view type) {
  for (const api::PodCondition& condition : pod.status.conditions)
    if (condition.type == type) return &condition;
  return nullptr;
}

bool holds(const Pod& pod, std::string_view type) {
  const api::PodCondition* condition = find_condition(pod, type);
  return condition != nullptr && condition->status == "True";
}

bool is_sidecar(const api::Container& container) {
  return container.restartPolicy == "Always";
}

bool is_sidecar(const Pod& pod, std::string_view name) {
  return std::any_of(pod.spec.initContainers.begin(), pod.spec.initContainers.end(),
                     [&](const auto& one) { return one.name == name && is_sidecar(one); });
}

// Restarts of some containers, and when the last of them was.
struct Restarts {
  int count = 0;
  api::Time last;

  void add(const ContainerStatus& status) {
    count += status.restartCount;
    if (status.lastState.terminated) last = std::max(last, status.lastState.terminated->finishedAt);
  }
};

std::string end_reason(const ContainerStateTerminated& end) {
  if (!end.reason.empty()) return end.reason;
  return end.signal != 0 ? fmt::format("Signal:{}", end.signal)
                         : fmt::format("ExitCode:{}", end.exitCode);
}

// The first init container that holds the others up, in words; "" if none does.
std::string initialization(const Pod& pod, PodSummary& summary, Restarts& all, Restarts& sidecars) {
  const auto& statuses = pod.status.initContainerStatuses;
  for (size_t i = 0; i < statuses.size(); ++i) {
    const ContainerStatus& one = statuses[i];
    const bool sidecar = is_sidecar(pod, one.name);
    all.add(one);
    if (sidecar) sidecars.add(one);
    const auto& end = one.state.terminated;
    if (end && end->exitCode == 0) continue;
    if (sidecar && one.started.value_or(false)) {
      if (one.ready) ++summary.ready;
      continue;
    }
    if (end) return "Init:" + end_reason(*end);
    if (const auto& wait = one.state.waiting;
        wait && !wait->reason.empty() && wait->reason != "PodInitializing")
      return "Init:" + wait->reason;
    return fmt::format("Init:{}/{}", i, pod.spec.initContainers.size());
  }
  return {};
}

// The word of the first container that has one to say; counts the ready ones.
void describe_containers(const Pod& pod, PodSummary& summary, Restarts& restarts) {
  bool running = false;
  const auto& statuses = pod.status.containerStatuses;
  for (auto one = statuses.rbegin(); one != statuses.rend(); ++one) {
    restarts.add(*one);
    if (one->state.waiting && !one->state.waiting->reason.empty()) {
      summary.status = one->state.waiting->reason;
    } else if (one->state.terminated) {
      summary.status = end_reason(*one->state.terminated);
    } else if (one->ready && one->state.running) {
      running = true;
      ++summary.ready;
    }
  }
  if (summary.status == "Completed" && running)
    summary.status = holds(pod, "Ready") ? "Running" : "NotReady";
}

void describe_deletion(const Pod& pod, PodSummary& summary) {
  if (!pod.metadata.deletionTimestamp) return;
  const std::string& phase = pod.status.phase;
  if (pod.status.reason == "NodeLost") {
    summary.status = "Unknown";
  } else if (phase != "Succeeded" && phase != "Failed") {
    summary.status = "Terminating";
  }
}

}  // namespace

PodSummary summarize(const Pod& pod) {
  const auto& inits = pod.spec.initContainers;
  PodSummary summary{.containers = static_cast<int>(
                         pod.spec.containers.size() +
                         std::count_if(inits.begin(), inits.end(),
                                       [](const auto& one) { return is_sidecar(one); })),
                     .status = pod.status.reason.empty() ? pod.status.phase : pod.status.reason};
  const api::PodCondition* scheduled = find_condition(pod, "PodScheduled");
  if (scheduled != nullptr && scheduled->reason == "SchedulingGated")
    summary.status = scheduled->reason;

  Restarts restarts, sidecar_restarts;
  const std::string waiting_for = initialization(pod, summary, restarts, sidecar_restarts);
  if (!waiting_for.empty()) summary.status = waiting_for;
  if (waiting_for.empty() || holds(pod, "Initialized")) {
    restarts = sidecar_restarts;  // once the pod runs, those of other init containers are history
    describe_containers(pod, summary, restarts);
  }
  describe_deletion(pod, summary);
  summary.restarts = restarts.count;
  summary.last_restart = restarts.last;
  return summary;
}

}  // namespace skiff::printers
