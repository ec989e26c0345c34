// SPDX-License-Identifier: Apache-2.0
// What runs of a pod, for tests of plans and statuses:
// Scene().sandbox().running("main").exited("init", 0).
#pragma once

#include "agent/kubelet/observed.h"
#include "agent/kubelet/pod_names.h"

namespace skiff::kubelet {

inline TimePoint at_second(int64_t second) {
  return TimePoint(std::chrono::seconds(1'700'000'000 + second));
}

// Containers added go to the sandbox added last; attempts count up by name.
class Scene {
 public:
  Scene& sandbox(runtime::SandboxState state = runtime::SandboxState::Ready) {
    runtime::Sandbox sandbox;
    sandbox.metadata.attempt = static_cast<uint32_t>(observed.sandboxes.size());
    sandbox.id = fmt::format("s{}", sandbox.metadata.attempt);
    sandbox.state = state;
    if (state == runtime::SandboxState::Ready) sandbox.ips = {"10.244.1.2"};
    observed.sandboxes.insert(observed.sandboxes.begin(), sandbox);
    return *this;
  }
  Scene& running(const std::string& name, int64_t started = 0) {
    auto& status = add(name);
    status.state = runtime::ContainerState::Running;
    status.started_at = at_second(started);
    return *this;
  }
  Scene& exited(const std::string& name, int32_t code, int64_t finished = 0) {
    auto& status = add(name);
    status.state = runtime::ContainerState::Exited;
    status.exit_code = code;
    status.reason = code == 0 ? "Completed" : "Error";
    status.started_at = at_second(finished - 1);
    status.finished_at = at_second(finished);
    return *this;
  }
  // The runtime could not start it.
  Scene& not_started(const std::string& name, int64_t finished = 0) {
    auto& status = add(name);
    status.state = runtime::ContainerState::Exited;
    status.exit_code = 128;
    status.reason = "StartError";
    status.finished_at = at_second(finished);
    return *this;
  }
  Scene& created(const std::string& name) {
    add(name).state = runtime::ContainerState::Created;
    return *this;
  }

  Observed observed;
  PodMemory memory;

 private:
  runtime::ContainerStatus& add(const std::string& name) {
    ObservedContainer container;
    container.sandbox_id = observed.sandboxes.at(0).id;
    const ObservedContainer* before = observed.latest(name);
    container.status.attempt = before ? before->status.attempt + 1 : 0;
    container.status.name = name;
    container.status.id = fmt::format("{}-{}", name, container.status.attempt);
    observed.containers.insert(observed.containers.begin(), container);
    return observed.containers.front().status;
  }
};

}  // namespace skiff::kubelet
