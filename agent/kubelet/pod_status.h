// SPDX-License-Identifier: Apache-2.0
// The status of a pod as the API shows it: phase, conditions, one status a container. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/kubelet/observed.h"
#include "agent/kubelet/pod_plan.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

struct StatusInput {
  const api::Pod& pod;  // its status: what was last written
  const Observed& observed;
  const PodMemory& memory;
  const Plan* plan = nullptr;  // null while the pod is ending
  const Options& options;
  TimePoint now;
  bool terminal = false;  // nothing runs and nothing will again
};

api::PodStatus pod_status(const StatusInput& input);

// container_status.cpp
api::ContainerStatus container_status(const StatusInput& input, const api::Container& container,
                                      bool init);

// pod_conditions.cpp. Keeps the transition times of conditions that did not change, and conditions
// of others.
std::vector<api::PodCondition> pod_conditions(const StatusInput& input,
                                              const api::PodStatus& status);

std::string pod_phase(const api::Pod& pod, const api::PodStatus& status, bool terminal);

}  // namespace skiff::kubelet
