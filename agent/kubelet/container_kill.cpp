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

const api::LifecycleHandler* pre_stop_of(const api::Pod* pod, const std::string& name) {
  const api::Container* container = pod ? find_container(*pod, name) : nullptr;
  return container && container->lifecycle ? container->lifecycle->preStop.get() : nullptr;
}

awaitable<void> run_pre_stop(Parts& parts, RecordPtr record, Kill kill, seconds grace,
                             HookRunPtr run) {
  const PodPtr pod = record->pod;  // has the hook
  const api::Container& container = *find_container(*pod, kill.name);
  const std::string ip = record->status ? record->status->podIP : pod->status.podIP;
  ActionOutcome outcome = co_await run_hook(parts.runtime, *container.lifecycle->preStop,
                                            {container, kill.container_id, ip}, grace);
  if (!outcome.success)
    parts.events.warning(container_reference(*pod, kill.name), "FailedPreStopHook",
                         fmt::format("PreStopHook failed: {}", outcome.message));
  run->finish(std::move(outcome));
}

awaitable<void> wait_for_pre_stop(RecordPtr record, std::string container_id) {
  const auto begun = record->pre_stops.find(container_id);
  if (begun == record->pre_stops.end()) co_return;
  const HookRunPtr run = begun->second;
  while (run && !run->outcome) co_await run->done.wait();
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
    begin_pre_stop(parts, record, task.kill, task.grace);
    co_await wait_for_pre_stop(record, id);
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

seconds grace_left(const Parts& parts, const PodRecord& record) {
  const seconds whole = pod_grace(parts, record);
  const auto used = std::chrono::duration_cast<seconds>(parts.clock.now() - *record.ending_since);
  return std::clamp(whole - used, seconds(0), whole);
}

void begin_pre_stop(Parts& parts, const RecordPtr& record, const Kill& kill, seconds grace) {
  if (grace == seconds(0) || record->pre_stops.contains(kill.container_id)) return;
  HookRunPtr& run = record->pre_stops[kill.container_id];
  if (!pre_stop_of(record->pod.get(), kill.name)) return;
  run = std::make_shared<HookRun>(parts.executor);
  spawn(parts.executor, "preStop", run_pre_stop(parts, record, kill, grace, run));
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
