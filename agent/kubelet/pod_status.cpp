// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_status.h"

#include "agent/kubelet/pod_names.h"
#include "api/core/qos.h"

namespace skiff::kubelet {
namespace {

// Counts of containers by what they do, as far as the phase depends on them.
struct Tally {
  int waiting = 0;
  int running = 0;
  int stopped = 0;
  int succeeded = 0;
};

Tally tally(const std::vector<api::ContainerStatus>& statuses) {
  Tally counts;
  for (const auto& status : statuses) {
    if (status.state.running) {
      ++counts.running;
    } else if (status.state.terminated) {
      ++counts.stopped;
      if (status.state.terminated->exitCode == 0) ++counts.succeeded;
    } else if (status.lastState.terminated) {
      ++counts.stopped;  // between two instances
    } else {
      ++counts.waiting;
    }
  }
  return counts;
}

enum class InitState { Pending, Failed, Done };

InitState init_state(const api::Pod& pod, const api::PodStatus& status) {
  for (size_t i = 0; i < status.initContainerStatuses.size(); ++i) {
    const auto& init = status.initContainerStatuses[i];
    if (is_sidecar(pod.spec.initContainers[i])) {
      if (!init.started.value_or(false) && !init.state.terminated) return InitState::Pending;
    } else if (init.state.terminated) {
      if (init.state.terminated->exitCode != 0) return InitState::Failed;
    } else {
      return InitState::Pending;
    }
  }
  return InitState::Done;
}

void set_addresses(const StatusInput& input, api::PodStatus& status) {
  if (!input.options.node_ips.empty()) {
    status.hostIP = input.options.node_ips[0];
    for (const auto& ip : input.options.node_ips) status.hostIPs.push_back({ip});
  }
  std::vector<std::string> ips;
  const runtime::Sandbox* sandbox = input.observed.sandbox();
  if (sandbox && input.pod.spec.hostNetwork)
    ips = input.options.node_ips;
  else if (sandbox)
    ips = sandbox->ips;
  if (!ips.empty()) {
    status.podIP = ips[0];
    for (const auto& ip : ips) status.podIPs.push_back({ip});
  } else if (input.terminal || !sandbox || sandbox->state == runtime::SandboxState::NotReady) {
    // A pod that is over keeps the address it had.
    const bool over = input.terminal || (input.plan && input.plan->finished);
    if (over) {
      status.podIP = input.pod.status.podIP;
      status.podIPs = input.pod.status.podIPs;
    }
  }
}

}  // namespace

std::string pod_phase(const api::Pod& pod, const api::PodStatus& status, bool terminal) {
  const InitState init = init_state(pod, status);
  const Tally counts = tally(status.containerStatuses);
  if (terminal) {
    const bool all_well = init == InitState::Done && counts.waiting == 0 &&
                          counts.succeeded == static_cast<int>(pod.spec.containers.size());
    return all_well ? "Succeeded" : "Failed";
  }
  if (init == InitState::Failed && pod.spec.restartPolicy == "Never") return "Failed";
  // A sidecar that crashes after the main containers began does not take the pod back.
  const bool began = counts.running + counts.stopped > 0;
  if (init != InitState::Done && !began) return "Pending";
  if (counts.waiting > 0) return "Pending";
  if (counts.running > 0) return "Running";
  if (counts.stopped == 0) return "Pending";
  if (pod.spec.restartPolicy == "Always" || pod.spec.restartPolicy.empty()) return "Running";
  if (counts.stopped == counts.succeeded) return "Succeeded";
  return pod.spec.restartPolicy == "Never" ? "Failed" : "Running";
}

api::PodStatus pod_status(const StatusInput& input) {
  const api::Pod& pod = input.pod;
  api::PodStatus status;
  status.qosClass = api::to_string(api::qos_class(pod));
  status.startTime = pod.status.startTime ? pod.status.startTime : api::Time(input.now);
  status.nominatedNodeName = pod.status.nominatedNodeName;
  status.observedGeneration = pod.metadata.generation;
  for (const auto& container : pod.spec.initContainers)
    status.initContainerStatuses.push_back(container_status(input, container, true));
  for (const auto& container : pod.spec.containers)
    status.containerStatuses.push_back(container_status(input, container, false));
  set_addresses(input, status);

  const std::string& before = pod.status.phase;
  if (before == "Succeeded" || before == "Failed") {
    status.phase = before;  // phases never go back
    status.reason = pod.status.reason;
    status.message = pod.status.message;
  } else if (input.memory.failed) {
    status.phase = "Failed";
    status.reason = input.memory.failed->reason;
    status.message = input.memory.failed->message;
  } else {
    status.phase = pod_phase(pod, status, input.terminal);
  }
  status.conditions = pod_conditions(input, status);
  return status;
}

}  // namespace skiff::kubelet
