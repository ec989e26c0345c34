// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/deployment.h"

#include <algorithm>

#include "api/compare.h"
#include "api/selector.h"
#include "controller/controllers/owner.h"
#include "controller/controllers/pod_conditions.h"

namespace skiff::controllers {
namespace {

bool selects(const api::Deployment& deployment, const api::ReplicaSet& rs) {
  return deployment.spec.selector && api::matches(*deployment.spec.selector, rs.metadata.labels);
}

}  // namespace

awaitable<Result<kube::Outcome>> DeploymentReconciler::reconcile(const kube::ObjectKey& key) {
  const auto deployment = stores_.deployments.get(key);
  if (!deployment) co_return kube::Outcome::done();
  CO_ASSIGN_OR_RETURN(const std::vector<ReplicaSetPtr> owned, co_await claim(*deployment));

  const ReplicaSetPtr fresh = find_new(*deployment, owned);
  const bool pods_left = std::any_of(owned.begin(), owned.end(), [&](const ReplicaSetPtr& rs) {
    if (rs == fresh) return false;
    const auto pods = stores_.pods.by_index(kByOwner, rs->metadata.uid);
    return std::any_of(pods.begin(), pods.end(), [](const auto& pod) { return !has_ended(*pod); });
  });
  const DeploymentPlan next = plan(*deployment, owned, pods_left, clock_.now());
  CO_RETURN_IF_ERROR(co_await apply(*deployment, next));
  CO_RETURN_IF_ERROR(co_await write(*deployment, next));
  co_return kube::Outcome{next.again_after};
}

awaitable<Result<std::vector<ReplicaSetPtr>>> DeploymentReconciler::claim(
    const api::Deployment& deployment) {
  std::vector<ReplicaSetPtr> owned;
  for (const ReplicaSetPtr& rs : stores_.replica_sets.list(deployment.metadata.namespace_)) {
    const api::OwnerReference* owner = controller_of(rs->metadata);
    if (owner != nullptr) {
      if (owner->uid != deployment.metadata.uid) continue;
      if (selects(deployment, *rs) || deployment.metadata.deletionTimestamp)
        owned.push_back(rs);
      else
        CO_RETURN_IF_ERROR(co_await release(deployment, *rs));
      continue;
    }
    if (!selects(deployment, *rs) || rs->metadata.deletionTimestamp ||
        deployment.metadata.deletionTimestamp)
      continue;
    auto adopted = co_await client_.patch<api::ReplicaSet>(
        kube::key_of(*rs), kube::PatchType::Strategic,
        adoption_patch(controller_reference(deployment), rs->metadata.uid));
    if (!adopted.ok())
      co_return annotate(adopted.status(), "adopt replica set " + rs->metadata.name);
    owned.push_back(std::make_shared<const api::ReplicaSet>(*std::move(adopted)));
  }
  co_return owned;
}

// Somebody changed its labels, to look at it or to give it away: it and its pods go on alone.
awaitable<Status> DeploymentReconciler::release(const api::Deployment& deployment,
                                                const api::ReplicaSet& rs) {
  const auto released =
      co_await client_.patch<api::ReplicaSet>(kube::key_of(rs), kube::PatchType::Strategic,
                                              release_patch(rs.metadata, deployment.metadata.uid));
  if (released.status().code() == StatusCode::kNotFound) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(released, "release replica set {}", rs.metadata.name);
  co_await stores_.replica_sets.reach(released->metadata.resourceVersion);
  co_return absl::OkStatus();
}

awaitable<Status> DeploymentReconciler::apply(const api::Deployment& deployment,
                                              const DeploymentPlan& plan) {
  if (plan.create) CO_RETURN_IF_ERROR(co_await create(deployment, *plan.create));
  for (const api::ReplicaSet& rs : plan.annotate) {
    const auto written = co_await client_.update(rs);
    CO_RETURN_IF_ERROR(written, "annotate replica set {}", rs.metadata.name);
    co_await stores_.replica_sets.reach(written->metadata.resourceVersion);
  }
  // An annotation write made the planned sets stale: scale them in the next round.
  if (!plan.annotate.empty()) co_return absl::OkStatus();
  for (const DeploymentPlan::Scale& step : plan.scale)
    CO_RETURN_IF_ERROR(co_await scale(deployment, step));
  for (const ReplicaSetPtr& rs : plan.remove) {
    const Status removed =
        co_await client_.remove<api::ReplicaSet>(kube::key_of(*rs), {.uid = rs->metadata.uid});
    if (removed.code() != StatusCode::kNotFound)
      CO_RETURN_IF_ERROR(removed, "delete old replica set {}", rs->metadata.name);
  }
  co_return absl::OkStatus();
}

awaitable<Status> DeploymentReconciler::create(const api::Deployment& deployment,
                                               api::ReplicaSet rs) {
  const std::string name = rs.metadata.name;
  const int32_t replicas = replicas_of(rs);
  const auto created = co_await client_.create(std::move(rs));
  if (created.status().code() == StatusCode::kAlreadyExists) {
    // The name is taken: by a set of ours that the store has yet to show, or by a hash collision.
    const auto present =
        co_await client_.get<api::ReplicaSet>({deployment.metadata.namespace_, name});
    CO_RETURN_IF_ERROR(present, "replica set {}", name);
    if (is_controlled_by(present->metadata, deployment.metadata.uid) &&
        find_new(deployment, std::vector{std::make_shared<const api::ReplicaSet>(*present)}))
      co_return absl::OkStatus();
    api::Deployment collided = deployment;
    collided.status.collisionCount = deployment.status.collisionCount.value_or(0) + 1;
    const auto written = co_await client_.update_status(std::move(collided));
    CO_RETURN_IF_ERROR(written, "collision count");
    co_return aborted("replica set {} exists with another template", name);
  }
  if (!created.ok()) {
    events_.warning(kube::reference_to(deployment), "ReplicaSetCreateError",
                    fmt::format("Failed to create new replica set \"{}\": {}", name,
                                message(created.status())));
    co_return annotate(created.status(), "create replica set " + name);
  }
  co_await stores_.replica_sets.reach(created->metadata.resourceVersion);
  if (replicas > 0)
    events_.normal(kube::reference_to(deployment), "ScalingReplicaSet",
                   fmt::format("Scaled up replica set {} from 0 to {}", name, replicas));
  co_return absl::OkStatus();
}

awaitable<Status> DeploymentReconciler::scale(const api::Deployment& deployment,
                                              const DeploymentPlan::Scale& step) {
  api::ReplicaSet rs = *step.replica_set;
  const int32_t before = replicas_of(rs);
  rs.spec.replicas = step.replicas;
  rs.metadata.annotations[kDesiredReplicas] = std::to_string(replicas_of(deployment));
  rs.metadata.annotations[kMaxReplicas] =
      std::to_string(replicas_of(deployment) + room_of(deployment).surge);
  const std::string name = rs.metadata.name;
  const auto scaled = co_await client_.update(std::move(rs));
  CO_RETURN_IF_ERROR(scaled, "scale replica set {}", name);
  co_await stores_.replica_sets.reach(scaled->metadata.resourceVersion);
  if (before != step.replicas)
    events_.normal(
        kube::reference_to(deployment), "ScalingReplicaSet",
        fmt::format("Scaled {} replica set {} from {} to {}",
                    before < step.replicas ? "up" : "down", name, before, step.replicas));
  co_return absl::OkStatus();
}

awaitable<Status> DeploymentReconciler::write(const api::Deployment& deployment,
                                              const DeploymentPlan& plan) {
  api::Deployment updated = deployment;
  const auto present = deployment.metadata.annotations.find(kRevision);
  if (!plan.revision.empty() &&
      (present == deployment.metadata.annotations.end() || present->second != plan.revision)) {
    updated.metadata.annotations[kRevision] = plan.revision;
    auto written = co_await client_.update(updated);
    CO_RETURN_IF_ERROR(written, "revision");
    updated = *std::move(written);
  }
  if (api::equal(plan.status, deployment.status)) co_return absl::OkStatus();
  updated.status = plan.status;
  const auto written = co_await client_.update_status(std::move(updated));
  CO_RETURN_IF_ERROR(written, "status");
  co_await stores_.deployments.reach(written->metadata.resourceVersion);
  co_return absl::OkStatus();
}

void DeploymentReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.deployments.subscribe([&loop](const auto& before, const auto& after) {
    loop.enqueue(kube::key_of(after ? *after : *before));
  });
  stores.replica_sets.subscribe(
      [&stores, &loop](const ReplicaSetPtr& before, const ReplicaSetPtr& after) {
        const ReplicaSetPtr& rs = after ? after : before;
        if (const api::OwnerReference* owner = controller_of(rs->metadata)) {
          if (owner->kind == "Deployment") loop.enqueue({rs->metadata.namespace_, owner->name});
          return;
        }
        for (const auto& deployment : stores.deployments.list(rs->metadata.namespace_))
          if (selects(*deployment, *rs)) loop.enqueue(kube::key_of(*deployment));
      });
  // Recreate waits for the last old pod to go.
  stores.pods.subscribe([&stores, &loop](const auto& before, const auto& after) {
    if (after || !before) return;
    const api::OwnerReference* owner = controller_of(before->metadata);
    if (owner == nullptr || owner->kind != "ReplicaSet") return;
    const auto rs = stores.replica_sets.get({before->metadata.namespace_, owner->name});
    const api::OwnerReference* deployment = rs ? controller_of(rs->metadata) : nullptr;
    if (deployment != nullptr) loop.enqueue({before->metadata.namespace_, deployment->name});
  });
}

}  // namespace skiff::controllers
