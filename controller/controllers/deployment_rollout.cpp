// SPDX-License-Identifier: Apache-2.0
// How pods move between a deployment's replica sets.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "controller/controllers/deployment_plan.h"

namespace skiff::controllers {
namespace {

int32_t wanted_total(const std::vector<ReplicaSetPtr>& sets) {
  int32_t total = 0;
  for (const ReplicaSetPtr& rs : sets) total += replicas_of(*rs);
  return total;
}

std::optional<int32_t> annotated(const api::ReplicaSet& rs, const char* name) {
  const auto it = rs.metadata.annotations.find(name);
  if (it == rs.metadata.annotations.end()) return std::nullopt;
  int32_t value = 0;
  const std::string& text = it->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whether `rs` notes the deployment's present size: scaling it to the same size would change
// nothing.
bool knows_size(const api::ReplicaSet& rs, const api::Deployment& deployment) {
  const int32_t most = replicas_of(deployment) + room_of(deployment).surge;
  return annotated(rs, kDesiredReplicas) == replicas_of(deployment) &&
         annotated(rs, kMaxReplicas) == most;
}

// The old sets' share of a scale-down: first what is not available anyway, then what may go.
void scale_down_old(const ReplicaSets& sets, int32_t min_available, int32_t removable,
                    DeploymentPlan& plan) {
  std::map<ReplicaSetPtr, int32_t> target;
  for (const ReplicaSetPtr& rs : sets.old) target[rs] = replicas_of(*rs);
  for (const ReplicaSetPtr& rs : sets.old) {
    const int32_t unhealthy = std::max(0, replicas_of(*rs) - rs->status.availableReplicas);
    const int32_t down = std::min(removable, unhealthy);
    target[rs] -= down;
    removable -= down;
  }
  int32_t available = 0;
  for (const ReplicaSetPtr& rs : sets.all()) available += rs->status.availableReplicas;
  int32_t spare = available - min_available;
  for (const ReplicaSetPtr& rs : sets.old) {
    if (spare <= 0) break;
    const int32_t down = std::min(spare, target[rs]);
    target[rs] -= down;
    spare -= down;
  }
  for (const ReplicaSetPtr& rs : sets.old)
    if (target[rs] != replicas_of(*rs)) plan.scale.push_back({rs, target[rs]});
}

bool scale_up_new(const api::Deployment& deployment, const ReplicaSets& sets,
                  DeploymentPlan& plan) {
  const int32_t present = replicas_of(*sets.fresh);
  const int32_t wanted = replicas_of(deployment);
  if (present == wanted) return false;
  int32_t target = wanted;
  if (present < wanted) {
    const int32_t room = wanted + room_of(deployment).surge - wanted_total(sets.all());
    target = present + std::clamp(room, 0, wanted - present);
  }
  if (target == present) return false;
  plan.scale.push_back({sets.fresh, target});
  return true;
}

// What `rs` gains or loses when the deployment's size changes by `left` in all: its share, never
// more than is left.
int32_t share(const api::Deployment& deployment, const api::ReplicaSet& rs, int32_t left) {
  const int32_t most_before = annotated(rs, kMaxReplicas).value_or(deployment.status.replicas);
  const int32_t most_now = replicas_of(deployment) + room_of(deployment).surge;
  if (replicas_of(deployment) == 0) return -replicas_of(rs);
  if (most_before <= 0) return 0;
  const double scaled = static_cast<double>(replicas_of(rs)) * most_now / most_before;
  const auto fraction = static_cast<int32_t>(std::lround(scaled)) - replicas_of(rs);
  return left > 0 ? std::clamp(fraction, 0, left) : std::clamp(fraction, left, 0);
}

void scale_proportionally(const api::Deployment& deployment, std::vector<ReplicaSetPtr> active,
                          DeploymentPlan& plan) {
  const int32_t wanted = replicas_of(deployment);
  const int32_t allowed = wanted > 0 ? wanted + room_of(deployment).surge : 0;
  int32_t left = allowed - wanted_total(active);
  // The largest first; of equals the newest when growing, the oldest when shrinking.
  std::sort(active.begin(), active.end(), [&](const ReplicaSetPtr& a, const ReplicaSetPtr& b) {
    if (replicas_of(*a) != replicas_of(*b)) return replicas_of(*a) > replicas_of(*b);
    return left > 0 ? a->metadata.creationTimestamp > b->metadata.creationTimestamp
                    : a->metadata.creationTimestamp < b->metadata.creationTimestamp;
  });
  std::vector<int32_t> targets;
  for (const ReplicaSetPtr& rs : active) {
    const int32_t change = left == 0 ? 0 : share(deployment, *rs, left);
    targets.push_back(replicas_of(*rs) + change);
    left -= change;
  }
  if (!targets.empty()) targets.front() = std::max(0, targets.front() + left);
  for (size_t i = 0; i < active.size(); ++i)
    if (targets[i] != replicas_of(*active[i]) || !knows_size(*active[i], deployment))
      plan.scale.push_back({active[i], targets[i]});
}

}  // namespace

void plan_rolling_update(const api::Deployment& deployment, const ReplicaSets& sets,
                         DeploymentPlan& plan) {
  if (!sets.fresh || scale_up_new(deployment, sets, plan)) return;  // one step at a time
  const int32_t min_available = replicas_of(deployment) - room_of(deployment).unavailable;
  const int32_t new_unavailable = replicas_of(*sets.fresh) - sets.fresh->status.availableReplicas;
  const int32_t removable = wanted_total(sets.all()) - min_available - new_unavailable;
  if (removable > 0 && wanted_total(sets.old) > 0)
    scale_down_old(sets, min_available, removable, plan);
}

void plan_recreate(const api::Deployment& deployment, const ReplicaSets& sets, bool pods_left,
                   DeploymentPlan& plan) {
  for (const ReplicaSetPtr& rs : sets.old)
    if (replicas_of(*rs) > 0) plan.scale.push_back({rs, 0});
  if (!plan.scale.empty() || pods_left || !sets.fresh) return;
  if (replicas_of(*sets.fresh) != replicas_of(deployment))
    plan.scale.push_back({sets.fresh, replicas_of(deployment)});
}

bool plan_scaling(const api::Deployment& deployment, const ReplicaSets& sets,
                  DeploymentPlan& plan) {
  std::vector<ReplicaSetPtr> active;
  bool scaled = deployment.spec.paused;
  for (const ReplicaSetPtr& rs : sets.all()) {
    if (replicas_of(*rs) == 0) continue;
    active.push_back(rs);
    const auto desired = annotated(*rs, kDesiredReplicas);
    scaled |= desired.has_value() && *desired != replicas_of(deployment);
  }
  if (!scaled) return false;
  if (active.size() > 1 && is_rolling(deployment)) {
    scale_proportionally(deployment, std::move(active), plan);
    return true;
  }
  const ReplicaSetPtr only = active.size() == 1 ? active.front() : sets.fresh;
  if (active.size() > 1 || !only) return false;
  if (replicas_of(*only) != replicas_of(deployment))
    plan.scale.push_back({only, replicas_of(deployment)});
  // The set may have the right size already and only not know the deployment's: scaling to the same
  // size notes it.
  if (plan.scale.empty() && annotated(*only, kDesiredReplicas) != replicas_of(deployment) &&
      replicas_of(*only) > 0)
    plan.scale.push_back({only, replicas_of(*only)});
  return true;
}

}  // namespace skiff::controllers
