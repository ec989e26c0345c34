// SPDX-License-Identifier: Apache-2.0
// In which order the containers of a pod end (KEP-753): main containers first, then sidecars, the
// one that started last first. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/kubelet/observed.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

struct Kill {
  std::string container_id;
  std::string name;
  std::string message;                        // of the Killing event
  std::optional<std::chrono::seconds> grace;  // absent: the pod's own
};

struct TerminationPlan {
  std::vector<Kill> kill;  // whose turn it is
  // Whose turn it is not yet: their preStop hooks begin with the pod's end all the same.
  std::vector<Kill> pre_stop;
  bool stopped = false;  // nothing runs: the sandboxes can go
};

// `pod` null: only the runtime knows it. Not `in_order`: the grace period is over, and with it the
// time to wait for one another.
TerminationPlan plan_termination(const api::Pod* pod, const Observed& observed,
                                 const PodMemory& memory, bool in_order = true);

}  // namespace skiff::kubelet
