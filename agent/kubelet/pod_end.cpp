// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_end.h"

#include "agent/kubelet/cgroup.h"
#include "agent/kubelet/container_kill.h"

namespace skiff::kubelet {
namespace {

using std::chrono::seconds;

// A grace period that shrank (`kubectl delete --now` after a plain delete) holds for stops under
// way too.
void shorten_kills(Parts& parts, const RecordPtr& record, const Observed& observed, seconds grace) {
  for (const auto& container : observed.containers)
    if (is_running(&container) && record->memory.killing.contains(container.status.id))
      begin_kill(parts, record, {container.status.id, container.status.name, "", {}}, grace);
}

awaitable<Status> remove_from_node(Parts& parts, RecordPtr record, const Observed& observed) {
  for (const auto& sandbox : observed.sandboxes)
    CO_RETURN_IF_ERROR(co_await parts.runtime.stop_sandbox(sandbox.id));
  for (const auto& container : observed.containers) {
    CO_RETURN_IF_ERROR(co_await parts.runtime.remove_container(container.status.id));
    parts.observer.forget(container.status.id);
  }
  for (const auto& sandbox : observed.sandboxes)
    CO_RETURN_IF_ERROR(co_await parts.runtime.remove_sandbox(sandbox.id));
  const Options& options = parts.options;
  CO_RETURN_IF_ERROR(co_await parts.volumes.remove(
      PodPaths(options, record->namespace_, record->name, record->uid)));
  const std::string uid = record->uid;
  co_return co_await offload(parts.pool,
                             [&options, uid] { return remove_pod_cgroup(options, uid); });
}

awaitable<Status> remove_from_api(Parts& parts, RecordPtr record) {
  if (!record->pod || record->gone) co_return absl::OkStatus();
  kube::DeleteOptions options;
  options.grace_period_seconds = 0;
  options.uid = record->uid;
  const Status status = co_await parts.client.remove<api::Pod>(
      kube::ObjectKey{record->namespace_, record->name}, options);
  // ABORTED: the name belongs to another pod by now.
  if (absl::IsNotFound(status) || absl::IsAborted(status)) co_return absl::OkStatus();
  co_return status;
}

}  // namespace

awaitable<Result<kube::Outcome>> end_pod(Parts& parts, RecordPtr record) {
  if (!record->ending_since) record->ending_since = parts.clock.now();
  CO_ASSIGN_OR_RETURN(const Observed observed, (co_await parts.observer.observe(record->uid)));
  const PodPtr pod = record->pod;
  if (pod) {
    parts.prober.sync(pod, observed, true);
    record->memory.health = parts.prober.health(record->uid);
  }
  const seconds grace = grace_left(parts, *record);
  const TerminationPlan plan =
      plan_termination(pod.get(), observed, record->memory, grace > seconds(0));
  publish_status(parts, *record, observed, nullptr, plan.stopped);
  for (const Kill& later : plan.pre_stop) begin_pre_stop(parts, record, later, grace);
  for (const Kill& kill : plan.kill) begin_kill(parts, record, kill, grace);
  shorten_kills(parts, record, observed, grace);
  if (!plan.stopped) co_return kube::Outcome::done();  // each stop enqueues us

  parts.prober.forget(record->uid);
  CO_RETURN_IF_ERROR(co_await remove_from_node(parts, record, observed));
  if (!record->gone) co_await parts.statuses.flush(record->uid);
  CO_RETURN_IF_ERROR(co_await remove_from_api(parts, record), "delete pod");
  parts.statuses.forget(record->uid);
  parts.objects.forget(record->uid);
  record->ended = true;
  co_return kube::Outcome::done();
}

}  // namespace skiff::kubelet
