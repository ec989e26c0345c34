// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/deployment_plan.h"

#include <algorithm>
#include <charconv>

#include "api/codec.h"
#include "api/compare.h"
#include "controller/controllers/owner.h"

namespace skiff::controllers {
namespace {

bool is_older(const ReplicaSetPtr& a, const ReplicaSetPtr& b) {
  return std::tie(a->metadata.creationTimestamp, a->metadata.name) <
         std::tie(b->metadata.creationTimestamp, b->metadata.name);
}

bool same_template(api::PodTemplateSpec a, api::PodTemplateSpec b) {
  a.metadata.labels.erase(kTemplateHash);
  b.metadata.labels.erase(kTemplateHash);
  return api::equal(a, b);
}

api::ReplicaSet new_replica_set(const api::Deployment& deployment, int32_t replicas) {
  const std::string hash =
      template_hash(deployment.spec.template_, deployment.status.collisionCount.value_or(0));
  api::ReplicaSet rs;
  rs.metadata.namespace_ = deployment.metadata.namespace_;
  rs.metadata.name = deployment.metadata.name + "-" + hash;
  rs.metadata.labels = deployment.spec.template_.metadata.labels;
  rs.metadata.labels[kTemplateHash] = hash;
  rs.metadata.ownerReferences.push_back(controller_reference(deployment));
  rs.spec.replicas = replicas;
  rs.spec.minReadySeconds = deployment.spec.minReadySeconds;
  rs.spec.selector = deployment.spec.selector;
  rs.spec.selector.ensure().matchLabels[kTemplateHash] = hash;
  rs.spec.template_ = deployment.spec.template_;
  rs.spec.template_.metadata.labels[kTemplateHash] = hash;
  return rs;
}

int32_t first_replicas(const api::Deployment& deployment, const ReplicaSets& sets) {
  if (!is_rolling(deployment)) return replicas_of(deployment);
  int32_t present = 0;
  for (const ReplicaSetPtr& rs : sets.old) present += replicas_of(*rs);
  const int32_t most = replicas_of(deployment) + room_of(deployment).surge;
  return std::max(0, std::min(most - present, replicas_of(deployment)));
}

// Replica sets of past templates beyond the limit, lowest revision first (a rollback makes an old
// set a recent one); only those that are done with.
void plan_cleanup(const api::Deployment& deployment, const ReplicaSets& sets,
                  DeploymentPlan& plan) {
  const int32_t limit = deployment.spec.revisionHistoryLimit.value_or(10);
  std::vector<ReplicaSetPtr> removable;
  for (const ReplicaSetPtr& rs : sets.old)
    if (!rs->metadata.deletionTimestamp) removable.push_back(rs);
  std::sort(removable.begin(), removable.end(), [](const auto& a, const auto& b) {
    return revision_of(*a) != revision_of(*b) ? revision_of(*a) < revision_of(*b) : is_older(a, b);
  });
  const int64_t excess = static_cast<int64_t>(removable.size()) - limit;
  for (int64_t i = 0; i < excess; ++i) {
    const ReplicaSetPtr& rs = removable[static_cast<size_t>(i)];
    if (replicas_of(*rs) == 0 && rs->status.replicas == 0 &&
        rs->status.observedGeneration >= rs->metadata.generation)
      plan.remove.push_back(rs);
  }
}

bool is_complete(const api::Deployment& deployment, const api::DeploymentStatus& status) {
  return status.updatedReplicas == replicas_of(deployment) &&
         status.replicas == replicas_of(deployment) &&
         status.availableReplicas == replicas_of(deployment);
}

}  // namespace

std::vector<ReplicaSetPtr> ReplicaSets::all() const {
  std::vector<ReplicaSetPtr> both = old;
  if (fresh) both.push_back(fresh);
  return both;
}

Room room_of(const api::Deployment& deployment) {
  if (!is_rolling(deployment)) return {};
  const int32_t replicas = replicas_of(deployment);
  api::IntOrString surge = "25%";
  api::IntOrString unavailable = "25%";
  if (const auto& rolling = deployment.spec.strategy.rollingUpdate) {
    surge = rolling->maxSurge.value_or(surge);
    unavailable = rolling->maxUnavailable.value_or(unavailable);
  }
  Room room{surge.scaled(replicas, true).value_or(0),
            unavailable.scaled(replicas, false).value_or(0)};
  // 0 and 0 (by rounding down) would never move: kube-controller-manager lets one pod go.
  if (room.surge == 0 && room.unavailable == 0) room.unavailable = 1;
  room.unavailable = std::min(room.unavailable, replicas);
  return room;
}

std::string template_hash(const api::PodTemplateSpec& pod_template, int32_t collisions) {
  std::string text = api::encode_json(pod_template);
  if (collisions > 0) text += std::to_string(collisions);
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  // Kubernetes' alphabet for generated names: no vowels, nothing that looks alike.
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string safe = std::to_string(hash);
  for (char& c : safe) c = kAlphabet[static_cast<size_t>(c) % kAlphabet.size()];
  return safe;
}

ReplicaSetPtr find_new(const api::Deployment& deployment, std::span<const ReplicaSetPtr> owned) {
  ReplicaSetPtr found;
  for (const ReplicaSetPtr& rs : owned)
    if (same_template(rs->spec.template_, deployment.spec.template_) &&
        (!found || is_older(rs, found)))
      found = rs;
  return found;
}

DeploymentPlan plan(const api::Deployment& deployment, std::span<const ReplicaSetPtr> owned,
                    bool pods_left, TimePoint now) {
  DeploymentPlan plan;
  ReplicaSets sets{.fresh = find_new(deployment, owned), .old = {}};
  for (const ReplicaSetPtr& rs : owned)
    if (rs != sets.fresh) sets.old.push_back(rs);
  std::sort(sets.old.begin(), sets.old.end(), is_older);

  const bool leaving = static_cast<bool>(deployment.metadata.deletionTimestamp);
  if (!leaving) {
    // A new size first, a new template then: both at once would count the same room twice.
    const bool scaling = plan_scaling(deployment, sets, plan);
    const bool may_create =
        !scaling && !deployment.spec.paused && (is_rolling(deployment) || !pods_left);
    if (!sets.fresh && may_create)
      plan.create = new_replica_set(deployment, first_replicas(deployment, sets));
    plan_revision(deployment, sets, plan);
    if (!scaling && !deployment.spec.paused) {
      if (is_rolling(deployment)) {
        plan_rolling_update(deployment, sets, plan);
      } else {
        plan_recreate(deployment, sets, pods_left, plan);
      }
    }
  }
  plan_status(deployment, sets, now, plan);
  if (!leaving && is_complete(deployment, plan.status)) plan_cleanup(deployment, sets, plan);
  return plan;
}

}  // namespace skiff::controllers
