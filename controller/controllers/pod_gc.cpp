// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/pod_gc.h"

#include "controller/controllers/pod_conditions.h"

namespace skiff::controllers {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuarantine = 40s;  // a node may be deleted and register again at once

}  // namespace

awaitable<Result<kube::Outcome>> PodGcReconciler::reconcile(const kube::ObjectKey& key) {
  const auto pod = stores_.pods.get(key);
  if (!pod || !stores_.nodes.synced()) co_return kube::Outcome::done();
  const bool node_gone =
      !pod->spec.nodeName.empty() && !stores_.nodes.get({"", pod->spec.nodeName});
  const bool never_placed = pod->spec.nodeName.empty() && pod->metadata.deletionTimestamp;
  if (!node_gone && !never_placed) co_return kube::Outcome::done();
  if (node_gone) {
    // The store may lag behind a registration: ask.
    const auto node = co_await client_.get<api::Node>({"", pod->spec.nodeName});
    if (node.status().code() != StatusCode::kNotFound) co_return kube::Outcome::done();
    if (!has_ended(*pod)) {
      api::Pod failed = *pod;
      failed.status.phase = "Failed";
      api::PodCondition& disruption = failed.status.conditions.emplace_back();
      disruption.type = "DisruptionTarget";
      disruption.status = "True";
      disruption.reason = "DeletionByPodGC";
      disruption.message = "PodGC: node no longer exists";
      disruption.lastTransitionTime = api::Time(clock_.now());
      const auto written = co_await client_.update_status(std::move(failed));
      if (written.status().code() != StatusCode::kNotFound) CO_RETURN_IF_ERROR(written, "status");
    }
  }
  const Status removed =
      co_await client_.remove<api::Pod>(key, {.grace_period_seconds = 0, .uid = pod->metadata.uid});
  if (removed.code() != StatusCode::kNotFound) CO_RETURN_IF_ERROR(removed);
  co_return kube::Outcome::done();
}

void PodGcReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.pods.subscribe([&stores, &loop](const auto&, const auto& after) {
    if (!after) return;
    if (after->spec.nodeName.empty() ? static_cast<bool>(after->metadata.deletionTimestamp)
                                     : !stores.nodes.get({"", after->spec.nodeName}))
      loop.enqueue_after(kube::key_of(*after), kQuarantine);
  });
  stores.nodes.subscribe([&stores, &loop](const auto& before, const auto& after) {
    if (after) return;
    for (const auto& pod : stores.pods.by_index(kByNode, before->metadata.name))
      loop.enqueue_after(kube::key_of(*pod), kQuarantine);
  });
}

}  // namespace skiff::controllers
