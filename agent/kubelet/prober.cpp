// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/prober.h"

#include "agent/kubelet/events.h"
#include "agent/kubelet/pod_names.h"

namespace skiff::kubelet {
namespace {

const api::Probe* probe_of(const api::Container& container, ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup:
      return container.startupProbe.get();
    case ProbeKind::Liveness:
      return container.livenessProbe.get();
    case ProbeKind::Readiness:
      break;
  }
  return container.readinessProbe.get();
}

Verdict& verdict_of(Health& health, ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup:
      return health.startup;
    case ProbeKind::Liveness:
      return health.liveness;
    case ProbeKind::Readiness:
      break;
  }
  return health.readiness;
}

// A server without a readiness probe is ready as it starts, but needs a moment until it listens.
// Other kubelets are slower than that moment and hide it. We wait, and do not try: a connection
// nobody asked for would be the only one of a server that takes one.
constexpr std::chrono::milliseconds kWarmUp{250};

bool warms_up(const api::Container& container) {
  if (container.readinessProbe || container.startupProbe) return false;
  return std::any_of(container.ports.begin(), container.ports.end(),
                     [](const api::ContainerPort& port) { return port.protocol != "UDP"; });
}

// What the API says of this very instance: an agent that comes back does not make its pods unready.
const api::ContainerStatus* known_status(const api::Pod& pod, const std::string& id) {
  for (const auto* list : {&pod.status.containerStatuses, &pod.status.initContainerStatuses})
    for (const auto& status : *list)
      if (status.containerID.ends_with("://" + id)) return &status;
  return nullptr;
}

}  // namespace

void Prober::sync(const PodPtr& pod, const Observed& observed, bool ending) {
  auto& targets = targets_[pod->metadata.uid];
  for (auto it = targets.begin(); it != targets.end();) {
    const auto& id = it->first;
    const bool runs =
        std::any_of(observed.containers.begin(), observed.containers.end(),
                    [&](const auto& c) { return c.status.id == id && is_running(&c); });
    if (runs) {
      it->second->ending = ending;
      it->second->pod = pod;
      ++it;
    } else {
      it->second->stopped = true;
      it->second->changed.notify();
      it = targets.erase(it);
    }
  }
  if (ending) return;
  const runtime::Sandbox* sandbox = observed.sandbox();
  std::string ip = sandbox && !sandbox->ips.empty() ? sandbox->ips[0] : "127.0.0.1";
  for (const auto& running : observed.containers) {
    const api::Container* container = find_container(*pod, running.status.name);
    if (!container || !is_running(&running) || targets.contains(running.status.id)) continue;
    if (is_init_container(*pod, container->name) && !is_sidecar(*container)) continue;
    if (container->startupProbe || container->livenessProbe || container->readinessProbe ||
        warms_up(*container))
      start(pod, *container, running, ip);
  }
  if (targets.empty()) targets_.erase(pod->metadata.uid);
}

void Prober::start(const PodPtr& pod, const api::Container& container,
                   const ObservedContainer& running, const std::string& pod_ip) {
  auto target = std::make_shared<Target>(parts_.executor);
  target->pod = pod;
  target->container = container.name;
  target->id = running.status.id;
  target->pod_ip = pod_ip;
  target->started_at = running.status.started_at;
  const api::ContainerStatus* known = known_status(*pod, target->id);
  for (ProbeKind kind : {ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness}) {
    const bool exists = probe_of(container, kind) != nullptr;
    verdict_of(target->health, kind) = exists ? initial_verdict(kind) : Verdict::Success;
  }
  if (known && known->started.value_or(false)) target->health.startup = Verdict::Success;
  const bool was_ready = known && known->ready;
  targets_[pod->metadata.uid][target->id] = target;
  if (was_ready) {
    target->health.readiness = Verdict::Success;
  } else if (warms_up(container)) {
    target->health.readiness = Verdict::Unknown;
    spawn(parts_.executor, "warm up", warm_up(target));
  }
  for (ProbeKind kind : {ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness}) {
    if (!probe_of(container, kind)) continue;
    if (kind == ProbeKind::Startup && target->health.startup == Verdict::Success) continue;
    spawn(parts_.executor, "probe", run(target, kind));
  }
}

void Prober::forget(const std::string& pod_uid) {
  parts_.metrics.forget_probes(pod_uid);
  const auto found = targets_.find(pod_uid);
  if (found == targets_.end()) return;
  for (auto& [id, target] : found->second) {
    target->stopped = true;
    target->changed.notify();
  }
  targets_.erase(found);
}

std::map<std::string, Health> Prober::health(const std::string& pod_uid) const {
  std::map<std::string, Health> health;
  const auto found = targets_.find(pod_uid);
  if (found != targets_.end())
    for (const auto& [id, target] : found->second) health[id] = target->health;
  return health;
}

awaitable<bool> Prober::wait(std::shared_ptr<Target> target, Duration duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!target->stopped) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= Duration::zero()) break;
    co_await target->changed.wait(left);
  }
  co_return !target->stopped;
}

awaitable<void> Prober::warm_up(std::shared_ptr<Target> target) {
  if (!co_await wait(target, kWarmUp)) co_return;
  target->health.readiness = Verdict::Success;
  target->changed.notify();
  parts_.on_change(*target->pod);
}

void Prober::report(const Target& target, ProbeKind kind, const ActionOutcome& outcome) {
  parts_.metrics.probed(*target.pod, target.container, kind, outcome);
  const auto about = container_reference(*target.pod, target.container);
  if (!outcome.success)
    parts_.events.warning(
        about, "Unhealthy",
        fmt::format("{} probe {}: {}", to_string(kind),
                    outcome.conclusive ? "failed" : "errored and resulted in unknown state",
                    outcome.message));
  else if (outcome.warning)
    parts_.events.warning(about, "ProbeWarning",
                          fmt::format("{} probe warning: {}", to_string(kind), outcome.message));
}

awaitable<void> Prober::run(std::shared_ptr<Target> target, ProbeKind kind) {
  const api::Container* container = find_container(*target->pod, target->container);
  const api::Probe probe = *probe_of(*container, kind);
  const ProbeTiming timing = probe_timing(probe);
  ProbeState state(timing, verdict_of(target->health, kind));
  while (kind != ProbeKind::Startup && target->health.startup != Verdict::Success) {
    if (target->stopped) co_return;
    co_await target->changed.wait();
  }
  const Duration delay = first_delay(timing, {.now = parts_.clock.now(),
                                              .container_started = target->started_at,
                                              .agent_started = agent_started_,
                                              .random = parts_.random()});
  if (!co_await wait(target, delay)) co_return;
  while (!target->stopped) {
    if (target->ending && kind != ProbeKind::Readiness) co_return;
    const PodPtr pod = target->pod;  // keeps `container` alive
    container = find_container(*pod, target->container);
    if (!container) co_return;
    const ActionOutcome outcome = co_await run_probe(
        parts_.runtime, probe, {*container, target->id, target->pod_ip}, timing.timeout);
    if (target->stopped) co_return;
    report(*target, kind, outcome);
    if (outcome.conclusive && state.observe(outcome.success)) {
      verdict_of(target->health, kind) = state.verdict();
      target->changed.notify();
      parts_.on_change(*pod);
    }
    // A startup probe has one outcome; after a failed liveness probe the container is killed.
    if (kind == ProbeKind::Startup && state.verdict() != Verdict::Unknown) co_return;
    if (!co_await wait(target, timing.period)) co_return;
  }
}

}  // namespace skiff::kubelet
