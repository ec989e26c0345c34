// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/termination_plan.h"

#include <fmt/format.h>

#include "agent/kubelet/pod_names.h"

namespace skiff::kubelet {
namespace {

constexpr int kFirst = std::numeric_limits<int>::max();

// The higher, the sooner. A sidecar's is its place among the init containers.
int turn_of(const api::Pod* pod, const std::string& name) {
  for (size_t i = 0; pod && i < pod->spec.initContainers.size(); ++i)
    if (pod->spec.initContainers[i].name == name && is_sidecar(pod->spec.initContainers[i]))
      return static_cast<int>(i);
  return kFirst;
}

}  // namespace

TerminationPlan plan_termination(const api::Pod* pod, const Observed& observed,
                                 const PodMemory& memory, bool in_order) {
  TerminationPlan plan;
  std::optional<int> turn;  // whose it is
  for (const auto& container : observed.containers)
    if (is_running(&container))
      turn = std::max(turn.value_or(0), turn_of(pod, container.status.name));
  plan.stopped = !turn;
  for (const auto& container : observed.containers) {
    const auto& status = container.status;
    if (!is_running(&container) || memory.killing.contains(status.id)) continue;
    const bool now = !in_order || turn_of(pod, status.name) == *turn;
    (now ? plan.kill : plan.pre_stop)
        .push_back({status.id, status.name, fmt::format("Stopping container {}", status.name), {}});
  }
  return plan;
}

}  // namespace skiff::kubelet
