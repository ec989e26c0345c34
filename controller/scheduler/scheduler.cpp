// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/scheduler.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "api/codec.h"
#include "api/compare.h"
#include "controller/scheduler/binding_cycle.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

using namespace std::chrono_literals;

// kube-scheduler looks at pods that nothing has woken after five minutes; a lost wake-up costs at
// most that.
constexpr auto kFlushUnschedulable = std::chrono::minutes(5);

bool ended(const api::Pod& pod) {
  return pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
}

// What of a node can make a pod fit that did not before.
bool matters(const NodePtr& before, const NodePtr& after) {
  return !before || before->spec.unschedulable != after->spec.unschedulable ||
         before->metadata.labels != after->metadata.labels ||
         !std::ranges::equal(before->spec.taints, after->spec.taints,
                             [](const auto& a, const auto& b) { return api::equal(a, b); }) ||
         before->status.allocatable != after->status.allocatable;
}

// Others that come to a node help those alone that count their neighbours.
bool minds_neighbours(const api::Pod& pod) {
  return !pod.spec.topologySpreadConstraints.empty();
}

std::string scheduled_condition(const api::Pod& pod, const std::string& reason,
                                const std::string& message, TimePoint now) {
  api::Pod patch;
  api::PodCondition condition;
  condition.type = "PodScheduled";
  condition.status = "False";
  condition.reason = reason;
  condition.message = message;
  condition.lastTransitionTime = api::Time(now);
  for (const api::PodCondition& present : pod.status.conditions)
    if (present.type == condition.type && present.status == condition.status)
      condition.lastTransitionTime = present.lastTransitionTime;
  return fmt::format(R"({{"status":{{"conditions":[{}]}}}})", api::encode_json(condition));
}

Profile acting_profile(Cache& cache, const kube::Client& client) {
  Profile profile = default_profile();
  profile.reserve = {node_cache(cache)};
  profile.bind = {default_binder(client)};
  return profile;
}

}  // namespace

Scheduler::Scheduler(const Executor& executor, Options options, kube::Client client,
                     kube::Store<api::Pod>& pods, kube::Store<api::Node>& nodes,
                     kube::EventRecorder& events, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      client_(std::move(client)),
      pods_(pods),
      nodes_(nodes),
      events_(events),
      clock_(clock),
      profile_(acting_profile(cache_, client_)),
      queue_(profile_.queue_sort),
      wakeup_(executor) {}

void Scheduler::start() {
  nodes_.subscribe(
      [this](const NodePtr& before, const NodePtr& after) { node_changed(before, after); });
  pods_.subscribe(
      [this](const PodPtr& before, const PodPtr& after) { pod_changed(before, after); });
  spawn(executor_, options_.name, run());
}

void Scheduler::pod_changed(const PodPtr& before, const PodPtr& after) {
  if (!after) {
    queue_.remove(kube::key_of(*before));
    cache_.remove_pod(kube::key_of(*before));
    if (!before->spec.nodeName.empty()) retry_waiting();
    return;
  }
  const kube::ObjectKey key = kube::key_of(*after);
  if (!after->spec.nodeName.empty()) {
    queue_.remove(key);
    cache_.set_pod(after);
    if (!before || before->spec.nodeName.empty() ||
        before->metadata.labels != after->metadata.labels) {
      queue_.retry(clock_.now(), minds_neighbours);
      wakeup_.notify();
    }
    if (ended(*after) && before && !ended(*before)) retry_waiting();
    return;
  }
  // A pod we have just assumed on a node is not ours to schedule again before its binding came
  // back.
  if (after->metadata.deletionTimestamp || ended(*after) || cache_.knows(key)) {
    queue_.remove(key);
    return;
  }
  if (after->spec.schedulerName != options_.name) return;
  for (const auto& plugin : profile_.pre_enqueue) {
    const Verdict verdict = plugin->pre_enqueue(*after);
    if (verdict.ok()) continue;
    queue_.remove(key);
    spawn(executor_, "report gated",
          report_unschedulable(after, "SchedulingGated", verdict.reason));
    return;
  }
  queue_.add(after, clock_.now());
  wakeup_.notify();
}

void Scheduler::node_changed(const NodePtr& before, const NodePtr& after) {
  if (!after) {
    cache_.remove_node(before->metadata.name);
    return;
  }
  cache_.set_node(after);
  if (matters(before, after)) retry_waiting();
}

void Scheduler::retry_waiting() {
  queue_.retry_all(clock_.now());
  wakeup_.notify();
}

awaitable<void> Scheduler::run() {
  co_await nodes_.wait_synced();
  co_await pods_.wait_synced();
  for (;;) {
    if (bindings_in_flight_ < options_.most_bindings_in_flight) {
      if (const PodPtr pod = queue_.pop(clock_.now())) {
        schedule(pod);
        // Events that came in meanwhile get their turn between two pods.
        co_await asio::post(executor_, asio::use_awaitable);
        continue;
      }
    }
    const auto due = queue_.next_due();
    const auto wait =
        due && bindings_in_flight_ < options_.most_bindings_in_flight
            ? std::chrono::duration_cast<std::chrono::nanoseconds>(*due - clock_.now())
            : std::chrono::nanoseconds(kFlushUnschedulable);
    if (!co_await wakeup_.wait(std::max<std::chrono::nanoseconds>(wait, 1ms)) &&
        wait >= kFlushUnschedulable)
      queue_.retry_all(clock_.now());
  }
}

void Scheduler::schedule(const PodPtr& pod) {
  const auto info = std::make_shared<const PodInfo>(pod);
  const Decision decision = decide(profile_, *info, cache_.nodes(), cycles_++);
  if (decision.node.empty()) {
    queue_.add_unschedulable(pod, clock_.now());
    spawn(executor_, "report unschedulable",
          report_unschedulable(pod, "Unschedulable", decision.message()));
    return;
  }
  if (const Status reserved = reserve(profile_, info, decision.node); !reserved.ok()) {
    put_back(info, decision.node, reserved);
    return;
  }
  ++bindings_in_flight_;
  spawn(executor_, "bind", bind(info, decision.node));
}

awaitable<void> Scheduler::bind(PodInfoPtr pod, std::string node) {
  const Status bound = co_await bind_reserved(profile_, pod, node);
  --bindings_in_flight_;
  wakeup_.notify();
  if (!bound.ok()) {
    put_back(pod, node, bound);
    co_return;
  }
  events_.normal(kube::reference_to(*pod->pod), "Scheduled",
                 fmt::format("Successfully assigned {} to {}", kube::key_of(*pod->pod), node));
}

void Scheduler::put_back(const PodInfoPtr& pod, const std::string& node, const Status& why) {
  // Gone or taken: the stores say so too, or will in a moment.
  const PodPtr current = pods_.get(kube::key_of(*pod->pod));
  if (!current || !current->spec.nodeName.empty()) return;
  queue_.add_unschedulable(current, clock_.now());
  queue_.retry_all(clock_.now());
  wakeup_.notify();
  events_.warning(kube::reference_to(*pod->pod), "FailedScheduling",
                  fmt::format("binding to {}: {}", node, message(why)));
}

awaitable<void> Scheduler::report_unschedulable(PodPtr pod, std::string reason, std::string text) {
  for (const api::PodCondition& condition : pod->status.conditions)
    if (condition.type == "PodScheduled" && condition.status == "False" &&
        condition.message == text)
      co_return;
  if (reason == "Unschedulable")
    events_.warning(kube::reference_to(*pod), "FailedScheduling", text);
  const auto patched = co_await client_.patch<api::Pod>(
      kube::key_of(*pod), kube::PatchType::Strategic,
      scheduled_condition(*pod, reason, text, clock_.now()), "status");
  if (!patched.ok() && patched.status().code() != StatusCode::kNotFound)
    spdlog::warn("scheduler: report {} as {}: {}, ignoring", kube::key_of(*pod), reason,
                 message(patched.status()));
}

}  // namespace skiff::scheduler
