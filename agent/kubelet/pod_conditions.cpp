// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/pod_status.h"

namespace skiff::kubelet {
namespace {

struct Finding {
  bool holds = true;
  std::string reason;
  std::string message;
};

const api::PodCondition* find(const std::vector<api::PodCondition>& conditions,
                              const std::string& type) {
  for (const auto& condition : conditions)
    if (condition.type == type) return &condition;
  return nullptr;
}

std::string brackets(const std::vector<std::string>& names) {
  return fmt::format("[{}]", fmt::join(names, " "));
}

Finding initialized(const StatusInput& input, const api::PodStatus& status) {
  if (status.phase == "Succeeded") return {true, "PodCompleted", ""};
  std::vector<std::string> incomplete;
  for (size_t i = 0; i < status.initContainerStatuses.size(); ++i) {
    const auto& init = status.initContainerStatuses[i];
    const bool done =
        is_sidecar(input.pod.spec.initContainers[i]) ? init.started.value_or(false) : init.ready;
    if (!done) incomplete.push_back(init.name);
  }
  // Once the main containers began, a restarting sidecar does not undo the initialisation.
  const bool began = std::any_of(
      status.containerStatuses.begin(), status.containerStatuses.end(), [](const auto& c) {
        return c.state.running || c.state.terminated || c.lastState.terminated;
      });
  if (incomplete.empty() || began) return {};
  return {false, "ContainersNotInitialized",
          "containers with incomplete status: " + brackets(incomplete)};
}

Finding containers_ready(const StatusInput& input, const api::PodStatus& status) {
  if (status.phase == "Succeeded") return {false, "PodCompleted", ""};
  if (status.phase == "Failed") return {false, "PodFailed", ""};
  std::vector<std::string> unready;
  for (size_t i = 0; i < status.initContainerStatuses.size(); ++i)
    if (is_sidecar(input.pod.spec.initContainers[i]) && !status.initContainerStatuses[i].ready)
      unready.push_back(status.initContainerStatuses[i].name);
  for (const auto& container : status.containerStatuses)
    if (!container.ready) unready.push_back(container.name);
  if (unready.empty()) return {};
  return {false, "ContainersNotReady", "containers with unready status: " + brackets(unready)};
}

Finding ready(const StatusInput& input, const Finding& containers) {
  if (!containers.holds) return containers;
  for (const auto& gate : input.pod.spec.readinessGates) {
    const api::PodCondition* condition = find(input.pod.status.conditions, gate.conditionType);
    if (!condition)
      return {false, "ReadinessGatesNotReady",
              fmt::format("corresponding condition of pod readiness gate \"{}\" does not exist.",
                          gate.conditionType)};
    if (condition->status != "True")
      return {false, "ReadinessGatesNotReady",
              fmt::format("the status of pod readiness gate \"{}\" is not \"True\", but {}",
                          gate.conditionType, condition->status)};
  }
  return {};
}

bool sandbox_ready(const StatusInput& input) {
  const runtime::Sandbox* sandbox = input.observed.sandbox();
  return sandbox && sandbox->state == runtime::SandboxState::Ready &&
         (input.pod.spec.hostNetwork || !sandbox->ips.empty());
}

bool is_ours(const std::string& type) {
  for (const char* ours :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"})
    if (type == ours) return true;
  return false;
}

}  // namespace

std::vector<api::PodCondition> pod_conditions(const StatusInput& input,
                                              const api::PodStatus& status) {
  std::vector<api::PodCondition> conditions;
  auto add = [&](const std::string& type, const Finding& finding) {
    api::PodCondition condition;
    condition.type = type;
    condition.status = finding.holds ? "True" : "False";
    condition.reason = finding.reason;
    condition.message = finding.message;
    condition.observedGeneration = input.pod.metadata.generation;
    const api::PodCondition* before = find(input.pod.status.conditions, type);
    const bool same = before && before->status == condition.status && before->lastTransitionTime;
    condition.lastTransitionTime = same ? before->lastTransitionTime : api::Time(input.now);
    conditions.push_back(std::move(condition));
  };
  const Finding containers = containers_ready(input, status);
  add("PodReadyToStartContainers", {sandbox_ready(input), "", ""});
  add("Initialized", initialized(input, status));
  add("Ready", ready(input, containers));
  add("ContainersReady", containers);
  add("PodScheduled", {});
  for (const auto& condition : input.pod.status.conditions)
    if (!is_ours(condition.type)) conditions.push_back(condition);
  return conditions;
}

}  // namespace skiff::kubelet
