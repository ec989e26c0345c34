// SPDX-License-Identifier: Apache-2.0
// What to do next with a pod: a pure function of its spec, of what runs, and of the time. The
// worker carries it out and asks again; so a plan holds only what can be done now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/kubelet/observed.h"
#include "agent/kubelet/termination_plan.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

struct Start {
  const api::Container* container = nullptr;  // in the pod given to plan()
  uint32_t attempt = 0;                       // 0: the first instance
  const ObservedContainer* ended = nullptr;   // the instance it follows, in the given Observed
};

struct Plan {
  std::optional<uint32_t>
      create_sandbox;  // with this attempt number; starts follow in the next plan
  std::vector<Kill> kill;
  std::vector<Kill> pre_stop;            // hooks that begin before their container's turn
  std::vector<Start> start;              // in this order
  std::map<std::string, Waiting> waits;  // by container name: in back-off, and the words for it
  std::optional<TimePoint> again_at;     // when a wait ends
  bool initialized = false;              // every init container did its part
  // Nothing runs or will run again: stop the sandbox.
  bool finished = false;
  std::vector<std::string> stop_sandboxes;     // ids; nothing runs in them
  std::vector<std::string> remove_containers;  // ids of dead instances beyond the last two
  std::vector<std::string> remove_sandboxes;   // ids; stopped, not current and empty
};

// A pod that shall run.
Plan plan(const api::Pod& pod, const Observed& observed, const PodMemory& memory, TimePoint now);

// Whether an instance that ended with `exit_code` is followed by another one.
bool restarts(const api::Pod& pod, const api::Container& container, int32_t exit_code);

// How many instances there were before the next one.
uint32_t next_attempt(const api::Pod& pod, const std::string& name, const Observed& observed);

// The pod's activeDeadlineSeconds has passed.
bool past_deadline(const api::Pod& pod, TimePoint now);

// True if a startup probe does not exist or has passed.
bool has_started(const api::Container& container, const std::string& container_id,
                 const PodMemory& memory);

}  // namespace skiff::kubelet
