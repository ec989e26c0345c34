// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/container_start.h"

#include "agent/kubelet/action.h"
#include "agent/kubelet/cgroup.h"
#include "agent/kubelet/container_config.h"
#include "agent/kubelet/container_kill.h"
#include "agent/kubelet/events.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace {

constexpr std::chrono::seconds kFirstRetry{2};  // what is missing is often applied a moment later
constexpr std::chrono::seconds kMostRetry{20};
constexpr std::chrono::seconds kFresh{1};

// The Services that environment() may ask for.
Services linked_services(const kube::Store<api::Service>& all, const api::Pod& pod) {
  Services services = all.list(pod.metadata.namespace_);
  if (auto api_server = all.get({"default", "kubernetes"}))
    services.push_back(std::move(api_server));
  return services;
}

// Everything the container's configuration needs that is not in the pod.
awaitable<Result<runtime::ContainerConfig>> make_config(Parts& parts, PodPtr pod, Start start,
                                                        runtime::Image image,
                                                        std::vector<std::string> pod_ips) {
  const api::Container& container = *start.container;
  co_await parts.services.wait_synced();  // for the API server's address
  CO_ASSIGN_OR_RETURN(const ConfigObjects objects,
                      (co_await parts.objects.objects(pod->metadata.namespace_,
                                                      environment_references(container), kFresh)));
  CO_RETURN_IF_ERROR(co_await parts.volumes.write_hosts(pod, pod_ips), "hosts file");
  CO_ASSIGN_OR_RETURN(auto envs,
                      (environment(*pod, container, objects, linked_services(parts.services, *pod),
                                   {parts.options, pod_ips})));
  CO_ASSIGN_OR_RETURN(auto mounts,
                      (co_await parts.volumes.mounts(pod, container, envs, start.attempt)));
  co_return container_config({.pod = *pod,
                              .container = container,
                              .options = parts.options,
                              .attempt = start.attempt,
                              .image = std::move(image),
                              .envs = std::move(envs),
                              .mounts = std::move(mounts)});
}

void fail(Parts& parts, PodRecord& record, const std::string& name, Waiting waiting) {
  parts.events.warning(container_reference(*record.pod, name), "Failed",
                       fmt::format("Error: {}", waiting.message));
  const int failures = std::min(record.memory.start_failures[name]++, 4);
  record.memory.retry_at[name] =
      parts.clock.now() + std::min(kFirstRetry * (1 << failures), kMostRetry);
  record.memory.waiting[name] = std::move(waiting);
}

// Creates and starts it. Returns its id.
awaitable<std::optional<std::string>> launch(Parts& parts, RecordPtr record, PodPtr pod,
                                             runtime::ContainerConfig config,
                                             runtime::Sandbox sandbox) {
  const std::string name = config.name;
  const auto about = container_reference(*pod, name);
  auto id = co_await parts.runtime.create_container(
      sandbox.id, std::move(config), make_sandbox_config(parts, *pod, sandbox.metadata.attempt));
  if (!id.ok()) {
    fail(parts, *record, name, {"CreateContainerError", std::string(message(id.status()))});
    co_return std::nullopt;
  }
  // Its exit may be told before the next look.
  parts.observer.adopt(*id, record->uid);
  record->memory.cut_off.erase(name);
  parts.events.normal(about, "Created", fmt::format("Created container: {}", name));
  const Status started = co_await parts.runtime.start_container(*id);
  if (!started.ok()) {
    // The instance counts as one that ended at once: the crash back-off sees to the next.
    fail(parts, *record, name, {"RunContainerError", std::string(message(started))});
    record->memory.retry_at.erase(name);
    record->memory.failed_starts.insert(*id);
    co_return std::nullopt;
  }
  parts.events.normal(about, "Started", fmt::format("Started container {}", name));
  co_return *id;
}

awaitable<void> run_into(Parts& parts, HookRunPtr run, PodPtr pod, std::string name, std::string id,
                         std::string ip) {
  constexpr std::chrono::hours kForever{24};  // the hook has no time limit of its own
  const api::Container& container = *find_container(*pod, name);
  run->finish(co_await run_hook(parts.runtime, *container.lifecycle->postStart, {container, id, ip},
                                kForever));
}

// The container does not count as running before its hook has returned; if that fails, it is
// killed. A pod that ends does not wait for it: the hook dies with the container.
awaitable<void> run_post_start(Parts& parts, RecordPtr record, PodPtr pod, std::string name,
                               std::string id, std::string ip) {
  const api::Container& container = *find_container(*pod, name);
  if (!container.lifecycle || !container.lifecycle->postStart) co_return;
  constexpr std::chrono::milliseconds kLook{200};
  auto run = std::make_shared<HookRun>(parts.executor);
  spawn(parts.executor, "postStart", run_into(parts, run, pod, name, id, ip));
  while (!run->outcome && !record->ending()) co_await run->done.wait(kLook);
  if (!run->outcome || run->outcome->success) co_return;
  parts.events.warning(container_reference(*pod, name), "FailedPostStartHook",
                       fmt::format("PostStartHook failed: {}", run->outcome->message));
  record->memory.waiting[name] = {"PostStartHookError", run->outcome->message};
  begin_kill(parts, record, {id, name, "FailedPostStartHook", {}}, pod_grace(parts, *record));
}

}  // namespace

runtime::SandboxConfig make_sandbox_config(const Parts& parts, const api::Pod& pod,
                                           uint32_t attempt) {
  return sandbox_config({.pod = pod,
                         .options = parts.options,
                         .attempt = attempt,
                         .cgroup_parent = pod_cgroup(parts.options, pod),
                         .host_resolv_conf = read_file(parts.options.resolv_conf).value_or("")});
}

awaitable<void> start_container(Parts& parts, RecordPtr record, PodPtr pod, Start start,
                                runtime::Sandbox sandbox) {
  const api::Container& container = *start.container;  // in *pod
  const std::string name = container.name;
  PodMemory& memory = record->memory;
  if (start.ended && start.ended->status.state == runtime::ContainerState::Exited)
    memory.crash_backoff[name].advance(start.ended->status.finished_at);

  auto image = co_await parts.images.ensure(
      pod, container, make_sandbox_config(parts, *pod, sandbox.metadata.attempt), memory);
  if (auto* waiting = std::get_if<Waiting>(&image)) {
    memory.waiting[name] = std::move(*waiting);
    co_return;
  }
  const auto ips = pod->spec.hostNetwork ? parts.options.node_ips : sandbox.ips;
  auto config = co_await make_config(parts, pod, start, std::get<runtime::Image>(image), ips);
  if (!config.ok()) {
    fail(parts, *record, name,
         {"CreateContainerConfigError", std::string(message(config.status()))});
    co_return;
  }
  auto id = co_await launch(parts, record, pod, std::move(*config), sandbox);
  parts.metrics.container(is_init_container(*pod, name) ? "init_container" : "container",
                          id.has_value());
  if (!id) co_return;
  memory.waiting.erase(name);
  memory.retry_at.erase(name);
  memory.start_failures.erase(name);
  co_await run_post_start(parts, record, pod, name, *id, ips.empty() ? "" : ips[0]);
}

}  // namespace skiff::kubelet
