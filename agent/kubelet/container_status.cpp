// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/pod_status.h"

namespace skiff::kubelet {
namespace {

using runtime::ContainerState;

constexpr char kIdPrefix[] = "containerd://";

std::string word_for(const runtime::ContainerStatus& status) {
  if (!status.reason.empty() && status.reason != "Unknown") return status.reason;
  return status.exit_code == 0 ? "Completed" : "Error";
}

// Of a container that could not start the runtime says 0 as its start, which Kubernetes shows as it
// is.
api::Time moment_of(TimePoint at) {
  return at == TimePoint{} ? api::Time::epoch() : api::Time(at);
}

api::ContainerStateTerminated terminated(const runtime::ContainerStatus& status) {
  api::ContainerStateTerminated out;
  out.exitCode = status.exit_code;
  out.reason = word_for(status);
  out.message = status.message;
  out.startedAt = moment_of(status.started_at);
  out.finishedAt = moment_of(status.finished_at);
  out.containerID = kIdPrefix + status.id;
  return out;
}

const api::ContainerStatus* written(const api::Pod& pod, const std::string& name, bool init) {
  const auto& list = init ? pod.status.initContainerStatuses : pod.status.containerStatuses;
  for (const auto& status : list)
    if (status.name == name) return &status;
  return nullptr;
}

// Why a container that never ran waits, if nothing better is known.
Waiting default_waiting(const StatusInput& input, bool init) {
  const bool initializing =
      !input.pod.spec.initContainers.empty() && !(input.plan && input.plan->initialized);
  return {init || initializing ? "PodInitializing" : "ContainerCreating", ""};
}

void set_state(const StatusInput& input, const ObservedContainer& latest, bool init,
               api::ContainerStatus& out) {
  const runtime::ContainerStatus& status = latest.status;
  switch (status.state) {
    case ContainerState::Running:
      out.state.running.emplace().startedAt = api::Time(status.started_at);
      break;
    case ContainerState::Exited:
      out.state.terminated = terminated(status);
      break;
    case ContainerState::Created: {
      const Waiting words = default_waiting(input, init);
      out.state.waiting = api::ContainerStateWaiting{words.reason, words.message};
      break;
    }
    case ContainerState::Unknown: {
      auto& gone = out.state.terminated.emplace();
      gone.exitCode = 137;
      gone.reason = "ContainerStatusUnknown";
      gone.message = "The container could not be located when the pod was terminated";
      gone.containerID = kIdPrefix + status.id;
      break;
    }
  }
}

// A container that shall run and does not: its state is waiting, what it was is its last state.
void set_waiting(const StatusInput& input, const std::string& name, api::ContainerStatus& out) {
  if (out.state.running || input.terminal || !input.plan || input.plan->finished) return;
  const Waiting* words = nullptr;
  if (const auto wait = input.plan->waits.find(name); wait != input.plan->waits.end())
    words = &wait->second;
  else if (const auto failed = input.memory.waiting.find(name);
           failed != input.memory.waiting.end())
    words = &failed->second;
  if (!words) return;
  if (out.state.terminated) out.lastState.terminated = std::move(out.state.terminated);
  out.state = {};
  out.state.waiting = api::ContainerStateWaiting{words->reason, words->message};
}

}  // namespace

api::ContainerStatus container_status(const StatusInput& input, const api::Container& container,
                                      bool init) {
  api::ContainerStatus out;
  out.name = container.name;
  out.image = container.image;
  const api::ContainerStatus* before = written(input.pod, container.name, init);
  const ObservedContainer* latest = input.observed.latest(container.name);
  if (before) out.lastState = before->lastState;
  if (!latest) {
    if (before && before->state.terminated) {
      out = *before;  // its remains were collected
    } else {
      const Waiting words = default_waiting(input, init);
      out.state.waiting = api::ContainerStateWaiting{words.reason, words.message};
      if (before) out.restartCount = before->restartCount;
    }
    set_waiting(input, container.name, out);
    out.ready = false;
    out.started = init && !is_sidecar(container) ? out.started : std::optional(false);
    return out;
  }

  set_state(input, *latest, init, out);
  out.restartCount = static_cast<int32_t>(latest->status.attempt);
  if (!latest->status.image.empty()) out.image = latest->status.image;
  out.imageID = latest->status.image_ref;
  out.containerID = kIdPrefix + latest->status.id;
  if (const ObservedContainer* previous = input.observed.previous(container.name);
      previous && previous->status.state == ContainerState::Exited) {
    out.lastState = {};
    out.lastState.terminated = terminated(previous->status);
  }
  set_waiting(input, container.name, out);

  const bool running = out.state.running.has_value();
  const bool started = running && has_started(container, latest->status.id, input.memory);
  out.started = started;
  if (init && !is_sidecar(container)) {
    // A step of the initialisation is ready once it has succeeded.
    out.ready = out.state.terminated && out.state.terminated->exitCode == 0;
  } else if (started) {
    const auto health = input.memory.health.find(latest->status.id);
    out.ready = health != input.memory.health.end() ? health->second.readiness == Verdict::Success
                                                    : !container.readinessProbe;
  }
  return out;
}

}  // namespace skiff::kubelet
