// SPDX-License-Identifier: Apache-2.0
// A deployment's counts, conditions and revision.
#include <algorithm>
#include <charconv>

#include "controller/controllers/deployment_plan.h"

namespace skiff::controllers {
namespace {

api::DeploymentCondition* find(api::DeploymentStatus& status, std::string_view type) {
  for (api::DeploymentCondition& condition : status.conditions)
    if (condition.type == type) return &condition;
  return nullptr;
}

void set_condition(api::DeploymentStatus& status, api::DeploymentCondition next, TimePoint now) {
  next.lastUpdateTime = next.lastTransitionTime = api::Time(now);
  api::DeploymentCondition* present = find(status, next.type);
  if (present == nullptr) {
    status.conditions.push_back(std::move(next));
    return;
  }
  if (present->status == next.status && present->reason == next.reason &&
      present->message == next.message)
    return;
  if (present->status == next.status) next.lastTransitionTime = present->lastTransitionTime;
  *present = std::move(next);
}

api::DeploymentCondition condition(const char* type, bool holds, const char* reason,
                                   std::string text) {
  api::DeploymentCondition condition;
  condition.type = type;
  condition.status = holds ? "True" : "False";
  condition.reason = reason;
  condition.message = std::move(text);
  return condition;
}

void count(const api::Deployment& deployment, const ReplicaSets& sets,
           api::DeploymentStatus& status) {
  status.observedGeneration = deployment.metadata.generation;
  status.replicas = status.readyReplicas = status.availableReplicas = 0;
  int32_t wanted = 0;
  for (const ReplicaSetPtr& rs : sets.all()) {
    status.replicas += rs->status.replicas;
    status.readyReplicas += rs->status.readyReplicas;
    status.availableReplicas += rs->status.availableReplicas;
    wanted += replicas_of(*rs);
  }
  status.updatedReplicas = sets.fresh ? sets.fresh->status.replicas : 0;
  status.unavailableReplicas = std::max(0, wanted - status.availableReplicas);
}

bool moved(const api::DeploymentStatus& before, const api::DeploymentStatus& after) {
  return after.updatedReplicas > before.updatedReplicas ||
         after.readyReplicas > before.readyReplicas ||
         after.availableReplicas > before.availableReplicas ||
         after.replicas - after.updatedReplicas < before.replicas - before.updatedReplicas;
}

void plan_progress(const api::Deployment& deployment, const ReplicaSets& sets, TimePoint now,
                   DeploymentPlan& plan) {
  api::DeploymentStatus& status = plan.status;
  const std::string subject = sets.fresh
                                  ? fmt::format("ReplicaSet \"{}\"", sets.fresh->metadata.name)
                                  : fmt::format("Deployment \"{}\"", deployment.metadata.name);
  const int32_t wanted = replicas_of(deployment);
  const bool complete = status.updatedReplicas == wanted && status.replicas == wanted &&
                        status.availableReplicas == wanted;
  api::DeploymentCondition* present = find(status, "Progressing");
  if (plan.create) {
    set_condition(
        status,
        condition("Progressing", true, "NewReplicaSetCreated",
                  fmt::format("Created new replica set \"{}\"", plan.create->metadata.name)),
        now);
  } else if (complete) {
    if (present == nullptr || present->reason != "NewReplicaSetAvailable" ||
        present->message != subject + " has successfully progressed.")
      set_condition(status,
                    condition("Progressing", true, "NewReplicaSetAvailable",
                              subject + " has successfully progressed."),
                    now);
  } else if (present == nullptr || moved(deployment.status, status)) {
    auto next = condition("Progressing", true, "ReplicaSetUpdated", subject + " is progressing.");
    // Every move restarts the deadline, also when reason and message stay.
    if (present != nullptr && present->message == next.message)
      present->lastUpdateTime = api::Time(now);
    set_condition(status, std::move(next), now);
  } else if (present->reason != "NewReplicaSetAvailable" && present->status != "False") {
    const auto deadline =
        present->lastUpdateTime.at +
        std::chrono::seconds(deployment.spec.progressDeadlineSeconds.value_or(600));
    if (deadline <= now) {
      set_condition(status,
                    condition("Progressing", false, "ProgressDeadlineExceeded",
                              subject + " has timed out progressing."),
                    now);
    } else {
      plan.again_after = deadline - now;
    }
  }
}

// A pause stops the progress deadline, and the end of one restarts it.
void plan_paused(const api::Deployment& deployment, TimePoint now, api::DeploymentStatus& status) {
  const api::DeploymentCondition* present = find(status, "Progressing");
  if (present != nullptr && present->reason == "ProgressDeadlineExceeded") return;
  const bool was_paused = present != nullptr && present->reason == "DeploymentPaused";
  if (deployment.spec.paused == was_paused) return;
  api::DeploymentCondition next =
      deployment.spec.paused
          ? condition("Progressing", false, "DeploymentPaused", "Deployment is paused")
          : condition("Progressing", false, "DeploymentResumed", "Deployment is resumed");
  next.status = "Unknown";
  set_condition(status, std::move(next), now);
}

}  // namespace

void plan_status(const api::Deployment& deployment, const ReplicaSets& sets, TimePoint now,
                 DeploymentPlan& plan) {
  plan.status = deployment.status;
  count(deployment, sets, plan.status);
  if (deployment.metadata.deletionTimestamp) return;
  plan_paused(deployment, now, plan.status);
  if (!deployment.spec.paused) plan_progress(deployment, sets, now, plan);
  const bool available =
      plan.status.availableReplicas >= replicas_of(deployment) - room_of(deployment).unavailable;
  set_condition(plan.status,
                available ? condition("Available", true, "MinimumReplicasAvailable",
                                      "Deployment has minimum availability.")
                          : condition("Available", false, "MinimumReplicasUnavailable",
                                      "Deployment does not have minimum availability."),
                now);
}

int64_t revision_of(const api::ReplicaSet& rs) {
  const auto it = rs.metadata.annotations.find(kRevision);
  int64_t value = 0;
  if (it != rs.metadata.annotations.end())
    std::from_chars(it->second.data(), it->second.data() + it->second.size(), value);
  return value;
}

// The present template's set carries the highest revision; going back to an old template gives its
// set a new number.
void plan_revision(const api::Deployment& deployment, const ReplicaSets& sets,
                   DeploymentPlan& plan) {
  int64_t newest_old = 0;
  for (const ReplicaSetPtr& rs : sets.old) newest_old = std::max(newest_old, revision_of(*rs));
  if (!sets.fresh && !plan.create) return;
  const int64_t revision = std::max(newest_old + 1, sets.fresh ? revision_of(*sets.fresh) : 1);
  plan.revision = std::to_string(revision);

  api::ReplicaSet annotated = sets.fresh ? *sets.fresh : *plan.create;
  for (const auto& [name, value] : deployment.metadata.annotations)
    if (name != "kubectl.kubernetes.io/last-applied-configuration" &&
        !name.starts_with("deployment.kubernetes.io/") &&
        !name.starts_with("deprecated.deployment."))
      annotated.metadata.annotations[name] = value;
  annotated.metadata.annotations[kRevision] = plan.revision;
  if (plan.create) {
    annotated.metadata.annotations[kDesiredReplicas] = std::to_string(replicas_of(deployment));
    annotated.metadata.annotations[kMaxReplicas] =
        std::to_string(replicas_of(deployment) + room_of(deployment).surge);
    plan.create = std::move(annotated);
  } else if (annotated.metadata.annotations != sets.fresh->metadata.annotations) {
    plan.annotate.push_back(std::move(annotated));
  }
}

}  // namespace skiff::controllers
