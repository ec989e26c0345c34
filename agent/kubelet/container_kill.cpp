// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/container_kill.h"

#include "agent/kubelet/action.h"
#include "agent/kubelet/events.h"

namespace skiff::kubelet {
namespace {

using std::chrono::seconds;

constexpr seconds kLeastGrace{2};  // for SIGTERM, when hooks or other containers used everything
constexpr seconds kRetry{1};

// How long Services may take to turn new connections away from a pod that ends, and how much later
// than this node other nodes may have heard of it.
constexpr std::chrono::milliseconds kLongestFarewell{2000};
constexpr std::chrono::milliseconds kNewsToOtherNodes{200};
constexpr std::chrono::milliseconds kFarewellInterval{10};

struct KillTask {
  Kill kill;
  seconds grace{0};
  TimePoint due;
  bool first = true;  // the hook runs once, the event is written once
};

awaitable<void> run_pre_stop(Parts& parts, RecordPtr record, const KillTask& task) {
  const PodPtr pod = record->pod;
  const api::Container* container = pod ? find_container(*pod, task.kill.name) : nullptr;
  if (!container || !container->lifecycle || !container->lifecycle->preStop) co_return;
  const std::string ip = record->status ? record->status->podIP : pod->status.podIP;
  const ActionOutcome outcome =
      co_await run_hook(parts.runtime, *container->lifecycle->preStop,
                        {*container, task.kill.container_id, ip}, task.grace);
  if (!outcome.success)
    parts.events.warning(container_reference(*pod, container->name), "FailedPreStopHook",
                         fmt::format("PreStopHook failed: {}", outcome.message));
}

// A pod that was deleted goes on serving until nobody new comes.
awaitable<void> wait_until_unserved(const Parts& parts, RecordPtr record) {
  const auto& served = parts.options.served;
  if (!served || !record->ending() || served(record->uid) == Served::kNo) co_return;
  const TimePoint deadline = parts.clock.now() + kLongestFarewell;
  while (served(record->uid) == Served::kYes && parts.clock.now() < deadline)
    co_await sleep_for(kFarewellInterval);
  co_await sleep_for(kNewsToOtherNodes);
}

awaitable<void> kill_container(Parts& parts, RecordPtr record, KillTask task) {
  const std::string id = task.kill.container_id;
  if (task.first && record->pod)
    parts.events.normal(container_reference(*record->pod, task.kill.name), "Killing",
                        task.kill.message);
  const TimePoint began = parts.clock.now();
  if (task.first && task.grace > seconds(0)) {
    co_await run_pre_stop(parts, record, task);
    co_await wait_until_unserved(parts, record);
  }
  const auto used = std::chrono::duration_cast<seconds>(parts.clock.now() - began);
  const seconds left =
      std::max(task.grace - used, std::min(pod_grace(parts, *record), kLeastGrace));
  const Status stopped = co_await parts.runtime.stop_container(id, left);
  if (!stopped.ok()) {
    if (record->pod)
      parts.events.warning(kube::reference_to(*record->pod), "FailedKillPod",
                           fmt::format("error killing pod: {}", message(stopped)));
    co_await sleep_for(kRetry);
  }
  // Unless a shorter one has taken over.
  const auto entry = record->memory.killing.find(id);
  if (entry != record->memory.killing.end() && entry->second == task.due)
    record->memory.killing.erase(entry);
  parts.enqueue(*record);
}

}  // namespace

seconds pod_grace(const Parts& parts, const PodRecord& record) {
  if (!record.pod) return parts.options.default_grace;
  const auto& meta = record.pod->metadata;
  if (meta.deletionTimestamp && meta.deletionGracePeriodSeconds)
    return seconds(*meta.deletionGracePeriodSeconds);
  const auto& own = record.pod->spec.terminationGracePeriodSeconds;
  return own ? seconds(*own) : parts.options.default_grace;
}

void begin_kill(Parts& parts, RecordPtr record, const Kill& kill, seconds grace) {
  KillTask task{kill, kill.grace.value_or(grace), {}, true};
  task.due = parts.clock.now() + task.grace;
  const auto present = record->memory.killing.find(kill.container_id);
  if (present != record->memory.killing.end()) {
    if (present->second <= task.due + kLeastGrace) return;
    task.first = false;
  }
  record->memory.killing[kill.container_id] = task.due;
  spawn(parts.executor, "kill container", kill_container(parts, record, std::move(task)));
}

}  // namespace skiff::kubelet
