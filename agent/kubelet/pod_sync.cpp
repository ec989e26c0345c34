// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_sync.h"

#include "agent/kubelet/cgroup.h"
#include "agent/kubelet/container_kill.h"
#include "agent/kubelet/container_start.h"
#include "agent/kubelet/dns_config.h"
#include "agent/kubelet/events.h"
#include "agent/kubelet/pod_admission.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace {

// More rounds than a healthy pod needs; a pod that still changes then comes again through the
// queue.
constexpr int kMaxRounds = 16;
constexpr std::chrono::seconds kFresh{1};  // a new pod sees what was written just before it
constexpr std::chrono::seconds kRecent{10};

void note_deadline(Parts& parts, PodRecord& record) {
  if (record.memory.failed || !past_deadline(*pod_with_status(record), parts.clock.now())) return;
  record.memory.failed =
      Waiting{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"};
  parts.events.normal(kube::reference_to(*record.pod), "DeadlineExceeded",
                      record.memory.failed->message);
}

// A pod that began keeps what it has.
void note_refusal(Parts& parts, PodRecord& record, const Observed& observed) {
  if (record.memory.failed || observed.sandbox()) return;
  record.memory.failed = refusal(*record.pod, parts.options);
  if (record.memory.failed)
    parts.events.warning(kube::reference_to(*record.pod), record.memory.failed->reason,
                         record.memory.failed->message);
}

// A failed pull becomes a wait on the next look, as users know it.
void note_pull_backoff(Parts& parts, PodRecord& record) {
  for (auto& [name, waiting] : record.memory.waiting) {
    const api::Container* container = find_container(*record.pod, name);
    if (waiting.reason != "ErrImagePull" || !container) continue;
    waiting = {"ImagePullBackOff", fmt::format("Back-off pulling image \"{}\": ErrImagePull: {}",
                                               container->image, waiting.message)};
    parts.events.normal(container_reference(*record.pod, name), "BackOff",
                        fmt::format("Back-off pulling image \"{}\"", container->image));
  }
}

void report_waits(Parts& parts, const PodRecord& record, const Plan& plan) {
  for (const auto& [name, waiting] : plan.waits)
    parts.events.warning(container_reference(*record.pod, name), "BackOff",
                         fmt::format("Back-off restarting failed container {} in pod {}", name,
                                     display_name(*record.pod)));
}

awaitable<Status> prepare_volumes(Parts& parts, RecordPtr record, PodPtr pod) {
  Status status = co_await parts.volumes.prepare(
      pod, record->volumes_checked ? Duration(kRecent) : Duration(kFresh));
  if (status.ok())
    record->volumes_checked = parts.clock.now();
  else
    parts.events.warning(kube::reference_to(*pod), "FailedMount", std::string(message(status)));
  co_return status;
}

void report_dns_omissions(Parts& parts, const api::Pod& pod) {
  const std::string host = read_file(parts.options.resolv_conf).value_or("");
  for (const auto& omission : dns_omissions(pod, parts.options, host))
    parts.events.warning(kube::reference_to(pod), "DNSConfigForming", omission);
}

awaitable<Status> create_sandbox(Parts& parts, RecordPtr record, PodPtr pod, uint32_t attempt) {
  CO_RETURN_IF_ERROR(co_await prepare_volumes(parts, record, pod));
  const Options& options = parts.options;
  report_dns_omissions(parts, *pod);
  Status made = co_await offload(parts.pool, [&options, pod]() -> Status {
    RETURN_IF_ERROR(check_runtime_fields(*pod));
    RETURN_IF_ERROR(make_pod_cgroup(options, *pod), "pod cgroup");
    return make_directories(PodPaths(options, *pod).logs());
  });
  runtime::SandboxConfig config = make_sandbox_config(parts, *pod, attempt);
  if (made.ok() && options.runtime_handler) {
    auto handler = options.runtime_handler(pod->spec.runtimeClassName.value_or(""));
    made = annotate(handler.status(), "get sandbox runtime");
    if (handler.ok()) config.runtime_handler = std::move(*handler);
  }
  if (made.ok()) made = (co_await parts.runtime.run_sandbox(std::move(config))).status();
  parts.metrics.pod_sandbox(made.ok());
  if (made.ok()) co_return made;
  parts.events.warning(kube::reference_to(*pod), "FailedCreatePodSandBox",
                       fmt::format("Failed to create pod sandbox: {}", message(made)));
  co_return annotate(made, "create sandbox");
}

void kill_what_shall_not_run(Parts& parts, RecordPtr record, const Plan& plan) {
  if (plan.finished && !record->ending_since) record->ending_since = parts.clock.now();
  const auto grace = plan.finished ? grace_left(parts, *record) : pod_grace(parts, *record);
  for (const Kill& later : plan.pre_stop) begin_pre_stop(parts, record, later, grace);
  for (const Kill& kill : plan.kill) begin_kill(parts, record, kill, grace);
}

awaitable<Status> clean_up(Parts& parts, RecordPtr record, const Plan& plan) {
  for (const auto& id : plan.stop_sandboxes)
    CO_RETURN_IF_ERROR(co_await parts.runtime.stop_sandbox(id));
  for (const auto& id : plan.remove_containers) {
    CO_RETURN_IF_ERROR(co_await parts.runtime.remove_container(id));
    parts.observer.forget(id);
    record->pre_stops.erase(id);
    record->memory.failed_starts.erase(id);
  }
  for (const auto& id : plan.remove_sandboxes)
    CO_RETURN_IF_ERROR(co_await parts.runtime.remove_sandbox(id));
  co_return absl::OkStatus();
}

// What an agent that died was about to start has never run: it goes, so that it is started as if
// for the first time. No restart is counted, and a pod that never restarts has not failed.
awaitable<Status> remove_cut_off(Parts& parts, PodRecord& record, Observed& observed) {
  for (auto container = observed.containers.begin(); container != observed.containers.end();) {
    if (record.memory.failed_starts.contains(container->status.id) ||
        !runtime::was_cut_off(container->status)) {
      ++container;
      continue;
    }
    CO_RETURN_IF_ERROR(co_await parts.runtime.remove_container(container->status.id));
    parts.observer.forget(container->status.id);
    record.memory.cut_off[container->status.name] = container->status.attempt;
    container = observed.containers.erase(container);
  }
  co_return absl::OkStatus();
}

// Keeps the files of ConfigMaps, Secrets and tokens as they are in the API.
awaitable<void> refresh_volumes(Parts& parts, RecordPtr record, PodPtr pod) {
  const bool due = record->volumes_checked && parts.clock.now() - *record->volumes_checked >=
                                                  parts.options.volume_refresh_period;
  if (!has_changing_volumes(*pod) || (record->volumes_checked && !due)) co_return;
  // What is there stays there if this fails; the event says why.
  (void)co_await prepare_volumes(parts, record, pod);
}

kube::Outcome outcome(const Parts& parts, const PodRecord& record, const Plan& plan) {
  std::optional<Duration> after;
  auto at_most = [&](Duration delay) { after = after ? std::min(*after, delay) : delay; };
  if (plan.again_at) at_most(std::max<Duration>(*plan.again_at - parts.clock.now(), Duration(0)));
  if (!plan.finished && has_changing_volumes(*record.pod))
    at_most(parts.options.volume_refresh_period);
  const auto deadline = record.pod->spec.activeDeadlineSeconds;
  if (!plan.finished && deadline && record.status && record.status->startTime)
    at_most(std::max<Duration>(
        record.status->startTime.at + std::chrono::seconds(*deadline) - parts.clock.now(),
        Duration(0)));
  return after ? kube::Outcome::after(*after) : kube::Outcome::done();
}

}  // namespace

awaitable<Result<kube::Outcome>> sync_pod(Parts& parts, RecordPtr record) {
  for (int round = 0; round < kMaxRounds && !record->ending(); ++round) {
    note_deadline(parts, *record);
    CO_ASSIGN_OR_RETURN(Observed observed, (co_await parts.observer.observe(record->uid)));
    if (record->ending()) break;
    CO_RETURN_IF_ERROR(co_await remove_cut_off(parts, *record, observed));
    note_refusal(parts, *record, observed);
    const PodPtr pod = pod_with_status(*record);
    parts.prober.sync(pod, observed, false);
    record->memory.health = parts.prober.health(record->uid);
    if (round == 0) note_pull_backoff(parts, *record);
    const Plan next = plan(*pod, observed, record->memory, parts.clock.now());
    publish_status(parts, *record, observed, &next, false);
    report_waits(parts, *record, next);
    if (next.finished) parts.prober.sync(pod, observed, true);
    kill_what_shall_not_run(parts, record, next);
    CO_RETURN_IF_ERROR(co_await clean_up(parts, record, next));

    if (next.create_sandbox) {
      CO_RETURN_IF_ERROR(co_await create_sandbox(parts, record, pod, *next.create_sandbox));
      continue;
    }
    if (next.start.empty()) {
      if (!next.finished) co_await refresh_volumes(parts, record, pod);
      co_return outcome(parts, *record, next);
    }
    if (!record->volumes_checked) CO_RETURN_IF_ERROR(co_await prepare_volumes(parts, record, pod));
    for (const Start& start : next.start) {
      if (record->ending()) break;
      co_await start_container(parts, record, pod, start, *observed.sandbox());
    }
  }
  co_return kube::Outcome::after(Duration(0));
}

}  // namespace skiff::kubelet
