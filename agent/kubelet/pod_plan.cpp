// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_plan.h"

#include <fmt/format.h>

#include "agent/kubelet/pod_names.h"

namespace skiff::kubelet {
namespace {

using runtime::ContainerState;

// Plans one pod, step by step. Lives for one call of plan().
class Planner {
 public:
  Planner(const api::Pod& pod, const Observed& observed, const PodMemory& memory, TimePoint now)
      : pod_(pod), observed_(observed), memory_(memory), now_(now) {}

  Plan run() {
    plan_garbage();
    if (memory_.failed || pod_.status.phase == "Succeeded" || pod_.status.phase == "Failed")
      return finish();
    if (!sandbox_usable()) return replace_sandbox();
    plan_.initialized = plan_init();
    if (init_failed_) return finish();
    if (plan_.initialized) {
      for (const auto& container : pod_.spec.containers) plan_container(container);
      if (all_main_done()) return finish();
    }
    return std::move(plan_);
  }

 private:
  bool sandbox_usable() const {
    const runtime::Sandbox* sandbox = observed_.sandbox();
    if (!sandbox || sandbox->state != runtime::SandboxState::Ready) return false;
    return pod_.spec.hostNetwork || !sandbox->ips.empty();
  }

  // No sandbox, or one that is dead: whatever still hangs on it goes first.
  Plan replace_sandbox() {
    const runtime::Sandbox* old = observed_.sandbox();
    if (nothing_to_run()) return finish();
    kill_all("Pod sandbox changed, it will be killed and re-created.");
    if (observed_.any_running()) return std::move(plan_);
    for (const auto& sandbox : observed_.sandboxes) plan_.stop_sandboxes.push_back(sandbox.id);
    plan_.create_sandbox = old ? old->metadata.attempt + 1 : 0;
    return std::move(plan_);
  }

  // True if a new sandbox would have no container to start.
  bool nothing_to_run() const {
    bool main_ended = !pod_.spec.containers.empty();
    for (const auto& container : pod_.spec.containers) {
      const ObservedContainer* latest = observed_.latest(container.name);
      if (!latest || restarts(pod_, container, latest->status.exit_code)) main_ended = false;
    }
    if (main_ended) return true;
    // A pod that never restarts is over with the first init container that failed.
    if (pod_.spec.restartPolicy != "Never") return false;
    for (const auto& init : pod_.spec.initContainers) {
      const ObservedContainer* latest = observed_.latest(init.name);
      if (latest && !is_sidecar(init) && latest->status.state == ContainerState::Exited &&
          latest->status.exit_code != 0)
        return true;
    }
    return false;
  }

  // Walks the init containers in order. True if the main containers may run.
  bool plan_init() {
    const bool main_began =
        std::any_of(pod_.spec.containers.begin(), pod_.spec.containers.end(),
                    [&](const api::Container& c) { return observed_.current(c.name) != nullptr; });
    for (const auto& container : pod_.spec.initContainers) {
      if (is_sidecar(container)) {
        const bool started = plan_sidecar(container);
        if (!started && !main_began) return false;
      } else if (!main_began && !plan_init_step(container)) {
        return false;
      }
    }
    return true;
  }

  // True if the step is done.
  bool plan_init_step(const api::Container& container) {
    const ObservedContainer* current = observed_.current(container.name);
    if (!current) {
      start(container, nullptr);
      return false;
    }
    if (current->status.state == ContainerState::Running) {
      check_running(container, *current);
      return false;
    }
    if (current->status.state == ContainerState::Exited) {
      if (current->status.exit_code == 0) return true;
      if (!restarts(pod_, container, current->status.exit_code)) {
        init_failed_ = true;
        return false;
      }
    }
    start(container, current);
    return false;
  }

  // True if it runs and its startup probe has passed.
  bool plan_sidecar(const api::Container& container) {
    const ObservedContainer* current = observed_.current(container.name);
    if (!is_running(current)) {
      start(container, current);
      return false;
    }
    check_running(container, *current);
    return has_started(container, current->status.id, memory_);
  }

  void plan_container(const api::Container& container) {
    const ObservedContainer* current = observed_.current(container.name);
    if (is_running(current)) {
      check_running(container, *current);
      return;
    }
    const ObservedContainer* latest = observed_.latest(container.name);
    if (latest && latest->status.state == ContainerState::Exited &&
        !restarts(pod_, container, latest->status.exit_code))
      return;
    start(container, current);
  }

  void check_running(const api::Container& container, const ObservedContainer& running) {
    const auto hash = running.status.annotations.find(kHashAnnotation);
    if (hash != running.status.annotations.end() && hash->second != container_hash(container)) {
      kill(running,
           fmt::format("Container {} definition changed, will be restarted", container.name));
      return;
    }
    const auto health = memory_.health.find(running.status.id);
    if (health == memory_.health.end()) return;
    const std::string what = health->second.startup == Verdict::Failure    ? "startup"
                             : health->second.liveness == Verdict::Failure ? "liveness"
                                                                           : "";
    if (what.empty()) return;
    const api::Probe* probe =
        what == "startup" ? container.startupProbe.get() : container.livenessProbe.get();
    std::string message = fmt::format("Container {} failed {} probe", container.name, what);
    if (restarts(pod_, container, 137)) message += ", will be restarted";
    kill(running, std::move(message));
    if (probe && probe->terminationGracePeriodSeconds && !plan_.kill.empty())
      plan_.kill.back().grace = std::chrono::seconds(*probe->terminationGracePeriodSeconds);
  }

  void kill(const ObservedContainer& container, std::string message) {
    if (memory_.killing.contains(container.status.id)) return;
    plan_.kill.push_back({container.status.id, container.status.name, std::move(message), {}});
  }

  void kill_all(const std::string& message) {
    for (const auto& container : observed_.containers)
      if (is_running(&container)) kill(container, message);
  }

  // Starts the container now, or says when. `ended`: the instance of this sandbox that it follows.
  void start(const api::Container& container, const ObservedContainer* ended) {
    if (ended && memory_.killing.contains(ended->status.id)) return;
    if (ended && ended->status.state == ContainerState::Exited) {
      const auto backoff = memory_.crash_backoff.find(container.name);
      if (backoff != memory_.crash_backoff.end()) {
        if (auto until = backoff->second.blocked_until(ended->status.finished_at, now_)) {
          wait(container.name, *until,
               {"CrashLoopBackOff", fmt::format("back-off {} restarting failed container={} pod={}",
                                                describe(backoff->second.delay()), container.name,
                                                display_name(pod_))});
          return;
        }
      }
    }
    if (const auto retry = memory_.retry_at.find(container.name);
        retry != memory_.retry_at.end() && retry->second > now_) {
      again(retry->second);
      return;  // its reason is in memory_.waiting
    }
    const auto again = memory_.cut_off.find(container.name);
    const bool repeats = again != memory_.cut_off.end() && !observed_.latest(container.name);
    plan_.start.push_back({&container,
                           repeats ? again->second : next_attempt(pod_, container.name, observed_),
                           ended});
  }

  void wait(const std::string& name, TimePoint until, Waiting words) {
    plan_.waits[name] = std::move(words);
    again(until);
  }
  void again(TimePoint at) {
    if (!plan_.again_at || at < *plan_.again_at) plan_.again_at = at;
  }

  static std::string describe(std::chrono::seconds delay) {
    const auto minutes = delay.count() / 60;
    const auto seconds = delay.count() % 60;
    return minutes > 0 ? fmt::format("{}m{}s", minutes, seconds) : fmt::format("{}s", seconds);
  }

  bool all_main_done() const {
    return std::all_of(pod_.spec.containers.begin(), pod_.spec.containers.end(),
                       [&](const api::Container& c) {
                         const ObservedContainer* latest = observed_.latest(c.name);
                         return latest && latest->status.state == ContainerState::Exited &&
                                !restarts(pod_, c, latest->status.exit_code);
                       });
  }

  // The end: what still runs is stopped in order, then the sandbox.
  Plan finish() {
    plan_.start.clear();
    plan_.waits.clear();
    plan_.again_at.reset();
    TerminationPlan end = plan_termination(&pod_, observed_, memory_);
    plan_.kill = std::move(end.kill);
    plan_.pre_stop = std::move(end.pre_stop);
    plan_.finished = true;
    if (end.stopped)
      for (const auto& sandbox : observed_.sandboxes)
        if (sandbox.state == runtime::SandboxState::Ready)
          plan_.stop_sandboxes.push_back(sandbox.id);
    return std::move(plan_);
  }

  // Keeps the latest instance of each container and the one before it (`kubectl logs --previous`).
  void plan_garbage() {
    std::map<std::string, int> seen;
    std::map<std::string, int> left;  // by sandbox
    for (const auto& container : observed_.containers) {
      const bool dead = !is_running(&container);
      if (++seen[container.status.name] > 2 && dead)
        plan_.remove_containers.push_back(container.status.id);
      else
        ++left[container.sandbox_id];
    }
    for (const auto& sandbox : observed_.sandboxes)
      if (sandbox.id != observed_.sandbox()->id && left[sandbox.id] == 0 &&
          sandbox.state == runtime::SandboxState::NotReady)
        plan_.remove_sandboxes.push_back(sandbox.id);
  }

  const api::Pod& pod_;
  const Observed& observed_;
  const PodMemory& memory_;
  TimePoint now_;
  Plan plan_;
  bool init_failed_ = false;
};

}  // namespace

Plan plan(const api::Pod& pod, const Observed& observed, const PodMemory& memory, TimePoint now) {
  return Planner(pod, observed, memory, now).run();
}

bool restarts(const api::Pod& pod, const api::Container& container, int32_t exit_code) {
  const std::string& policy =
      container.restartPolicy ? *container.restartPolicy : pod.spec.restartPolicy;
  if (policy == "Never") return false;
  // An init container that has done its work is done under every policy of the pod.
  const bool once = !is_sidecar(container) && is_init_container(pod, container.name);
  if (policy == "OnFailure" || once) return exit_code != 0;
  return true;
}

uint32_t next_attempt(const api::Pod& pod, const std::string& name, const Observed& observed) {
  if (const ObservedContainer* latest = observed.latest(name)) return latest->status.attempt + 1;
  auto from_status = [&](const std::vector<api::ContainerStatus>& list) -> uint32_t {
    for (const auto& status : list)
      if (status.name == name && !status.containerID.empty())
        return static_cast<uint32_t>(status.restartCount) + 1;
    return 0;
  };
  return std::max(from_status(pod.status.containerStatuses),
                  from_status(pod.status.initContainerStatuses));
}

bool past_deadline(const api::Pod& pod, TimePoint now) {
  return pod.spec.activeDeadlineSeconds && pod.status.startTime &&
         now >= pod.status.startTime.at + std::chrono::seconds(*pod.spec.activeDeadlineSeconds);
}

bool has_started(const api::Container& container, const std::string& container_id,
                 const PodMemory& memory) {
  if (!container.startupProbe) return true;
  const auto health = memory.health.find(container_id);
  return health != memory.health.end() && health->second.startup == Verdict::Success;
}

}  // namespace skiff::kubelet
