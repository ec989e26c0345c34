// SPDX-License-Identifier: Apache-2.0
// What a Deployment does next, worked out without I/O: the rules of kube-controller-manager's
// deployment controller (rolling update, recreate, proportional scaling, revisions, conditions).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "base/clock.h"

namespace skiff::controllers {

using ReplicaSetPtr = std::shared_ptr<const api::ReplicaSet>;
using DeploymentPtr = std::shared_ptr<const api::Deployment>;

struct DeploymentPlan {
  struct Scale {
    ReplicaSetPtr replica_set;
    int32_t replicas = 0;
  };
  std::optional<api::ReplicaSet> create;  // the replica set of a new template
  std::vector<Scale> scale;
  std::vector<api::ReplicaSet> annotate;  // replica sets whose annotations change, complete
  std::vector<ReplicaSetPtr> remove;      // history beyond revisionHistoryLimit
  std::string revision;                   // of the deployment's annotation
  api::DeploymentStatus status;
  std::optional<Duration> again_after;  // for the progress deadline
};

// Pure. `owned`: replica sets controlled by `deployment`. `pods_left`: pods of old replica sets
// still exist (only Recreate asks).
DeploymentPlan plan(const api::Deployment& deployment, std::span<const ReplicaSetPtr> owned,
                    bool pods_left, TimePoint now);

// The owned replica set of the deployment's present template (the oldest one of several), or null.
ReplicaSetPtr find_new(const api::Deployment& deployment, std::span<const ReplicaSetPtr> owned);

// Ten letters and digits that stand for the template and `collisions`.
std::string template_hash(const api::PodTemplateSpec& pod_template, int32_t collisions);

// How far a rolling update may go above and below the replicas wanted (never both zero).
struct Room {
  int32_t surge = 0;
  int32_t unavailable = 0;
};
Room room_of(const api::Deployment& deployment);

// --- parts of plan(), each with a file of its own ---
struct ReplicaSets {
  ReplicaSetPtr fresh;             // of the present template; null if there is none yet
  std::vector<ReplicaSetPtr> old;  // the others, oldest first
  std::vector<ReplicaSetPtr> all() const;
};
void plan_rolling_update(const api::Deployment& deployment, const ReplicaSets& sets,
                         DeploymentPlan& plan);
void plan_recreate(const api::Deployment& deployment, const ReplicaSets& sets, bool pods_left,
                   DeploymentPlan& plan);
// True if `spec.replicas` changed since the sets were last scaled; then `plan` holds the
// proportional answer.
bool plan_scaling(const api::Deployment& deployment, const ReplicaSets& sets, DeploymentPlan& plan);
void plan_status(const api::Deployment& deployment, const ReplicaSets& sets, TimePoint now,
                 DeploymentPlan& plan);
void plan_revision(const api::Deployment& deployment, const ReplicaSets& sets,
                   DeploymentPlan& plan);

// The number in a set's revision annotation, 0 without one.
int64_t revision_of(const api::ReplicaSet& rs);

inline constexpr const char* kRevision = "deployment.kubernetes.io/revision";
inline constexpr const char* kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxReplicas = "deployment.kubernetes.io/max-replicas";
inline constexpr const char* kTemplateHash = "pod-template-hash";

inline int32_t replicas_of(const api::ReplicaSet& rs) {
  return rs.spec.replicas.value_or(1);
}
inline int32_t replicas_of(const api::Deployment& deployment) {
  return deployment.spec.replicas.value_or(1);
}
inline bool is_rolling(const api::Deployment& deployment) {
  return deployment.spec.strategy.type != "Recreate";
}

}  // namespace skiff::controllers
