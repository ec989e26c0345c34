// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/replica_set.h"

#include <algorithm>

#include "api/compare.h"
#include "api/selector.h"
#include "controller/controllers/owner.h"
#include "controller/controllers/pod_conditions.h"

namespace skiff::controllers {
namespace {

constexpr int32_t kMostAtOnce = 500;  // kube-controller-manager's burst

bool selects(const api::ReplicaSet& rs, const api::Pod& pod) {
  return rs.spec.selector && api::matches(*rs.spec.selector, pod.metadata.labels);
}

bool has_template_labels(const api::ReplicaSet& rs, const api::Pod& pod) {
  return std::all_of(rs.spec.template_.metadata.labels.begin(),
                     rs.spec.template_.metadata.labels.end(), [&](const auto& label) {
                       const auto it = pod.metadata.labels.find(label.first);
                       return it != pod.metadata.labels.end() && it->second == label.second;
                     });
}

// Our active pods, after adoption and release.
std::vector<PodPtr> claim(const api::ReplicaSet& rs, std::span<const PodPtr> pods,
                          ReplicaSetPlan& plan) {
  std::vector<PodPtr> ours;
  for (const PodPtr& pod : pods) {
    if (!is_active(*pod)) continue;
    const api::OwnerReference* owner = controller_of(pod->metadata);
    const bool matches = selects(rs, *pod);
    if (owner != nullptr && owner->uid == rs.metadata.uid) {
      if (!matches) {
        plan.release.push_back(pod);
        continue;
      }
    } else if (owner == nullptr && matches && !rs.metadata.deletionTimestamp) {
      plan.adopt.push_back(pod);
    } else {
      continue;
    }
    ours.push_back(pod);
  }
  return ours;
}

void count(const api::ReplicaSet& rs, const std::vector<PodPtr>& ours, TimePoint now,
           ReplicaSetPlan& plan) {
  api::ReplicaSetStatus& status = plan.status;
  status.replicas = static_cast<int32_t>(ours.size());
  status.fullyLabeledReplicas = status.readyReplicas = status.availableReplicas = 0;
  status.observedGeneration = rs.metadata.generation;
  for (const PodPtr& pod : ours) {
    status.fullyLabeledReplicas += has_template_labels(rs, *pod);
    if (!is_ready(*pod)) continue;
    ++status.readyReplicas;
    if (is_available(*pod, rs.spec.minReadySeconds, now)) {
      ++status.availableReplicas;
      continue;
    }
    const Duration wait = condition(*pod, "Ready")->lastTransitionTime.at +
                          std::chrono::seconds(rs.spec.minReadySeconds) - now;
    plan.again_after = std::min(plan.again_after.value_or(wait), wait);
  }
}

}  // namespace

ReplicaSetPlan plan(const api::ReplicaSet& rs, std::span<const PodPtr> pods, TimePoint now) {
  ReplicaSetPlan plan;
  plan.status = rs.status;
  std::vector<PodPtr> ours = claim(rs, pods, plan);
  count(rs, ours, now, plan);
  if (rs.metadata.deletionTimestamp) return plan;  // the garbage collector takes the pods
  const int32_t missing = rs.spec.replicas.value_or(1) - static_cast<int32_t>(ours.size());
  if (missing > 0) {
    plan.create = std::min(missing, kMostAtOnce);
  } else if (missing < 0) {
    sort_for_deletion(ours);
    ours.resize(static_cast<size_t>(std::min(-missing, kMostAtOnce)));
    plan.remove = std::move(ours);
  }
  return plan;
}

api::Pod pod_of(const api::ReplicaSet& rs) {
  api::Pod pod;
  pod.metadata.namespace_ = rs.metadata.namespace_;
  pod.metadata.generateName = rs.metadata.name + "-";
  pod.metadata.labels = rs.spec.template_.metadata.labels;
  pod.metadata.annotations = rs.spec.template_.metadata.annotations;
  pod.metadata.finalizers = rs.spec.template_.metadata.finalizers;
  pod.metadata.ownerReferences.push_back(controller_reference(rs));
  pod.spec = rs.spec.template_.spec;
  return pod;
}

awaitable<Result<kube::Outcome>> ReplicaSetReconciler::reconcile(const kube::ObjectKey& key) {
  const auto rs = stores_.replica_sets.get(key);
  if (!rs) co_return kube::Outcome::done();
  ReplicaSetPlan next = plan(*rs, stores_.pods.list(key.namespace_), clock_.now());
  Status applied = co_await adopt_and_release(*rs, next);
  if (applied.ok() && next.create > 0) applied = co_await create_pods(*rs, next.create);
  if (applied.ok() && !next.remove.empty()) applied = co_await remove_pods(*rs, next.remove);
  CO_RETURN_IF_ERROR(co_await write_status(*rs, std::move(next.status), applied));
  CO_RETURN_IF_ERROR(applied);
  co_return kube::Outcome{next.again_after};
}

awaitable<Status> ReplicaSetReconciler::adopt_and_release(const api::ReplicaSet& rs,
                                                          const ReplicaSetPlan& plan) {
  for (const PodPtr& pod : plan.adopt) {
    const auto adopted = co_await client_.patch<api::Pod>(
        kube::key_of(*pod), kube::PatchType::Strategic,
        adoption_patch(controller_reference(rs), pod->metadata.uid));
    CO_RETURN_IF_ERROR(adopted, "adopt pod {}", pod->metadata.name);
  }
  for (const PodPtr& pod : plan.release) {
    const auto released =
        co_await client_.patch<api::Pod>(kube::key_of(*pod), kube::PatchType::Strategic,
                                         release_patch(pod->metadata, rs.metadata.uid));
    if (released.status().code() == StatusCode::kNotFound) continue;
    CO_RETURN_IF_ERROR(released, "release pod {}", pod->metadata.name);
  }
  co_return absl::OkStatus();
}

awaitable<Status> ReplicaSetReconciler::create_pods(const api::ReplicaSet& rs, int32_t count) {
  std::string last_version;
  Status status;
  for (int32_t i = 0; i < count && status.ok(); ++i) {
    const auto created = co_await client_.create(pod_of(rs));
    status = created.status();
    if (!created.ok()) break;
    last_version = created->metadata.resourceVersion;
    events_.normal(kube::reference_to(rs), "SuccessfulCreate",
                   "Created pod: " + created->metadata.name);
  }
  if (!last_version.empty()) co_await stores_.pods.reach(last_version);
  if (!status.ok())
    events_.warning(kube::reference_to(rs), "FailedCreate",
                    fmt::format("Error creating: {}", message(status)));
  co_return annotate(status, "create pod");
}

awaitable<Status> ReplicaSetReconciler::remove_pods(const api::ReplicaSet& rs,
                                                    std::vector<PodPtr> pods) {
  for (const PodPtr& pod : pods) {
    const Status removed =
        co_await client_.remove<api::Pod>(kube::key_of(*pod), {.uid = pod->metadata.uid});
    if (removed.code() == StatusCode::kNotFound) continue;
    if (!removed.ok()) {
      events_.warning(kube::reference_to(rs), "FailedDelete",
                      fmt::format("Error deleting: {}", message(removed)));
      co_return annotate(removed, "delete pod " + pod->metadata.name);
    }
    events_.normal(kube::reference_to(rs), "SuccessfulDelete",
                   "Deleted pod: " + pod->metadata.name);
  }
  // The next round must not count, or delete again, what is on its way out.
  co_await stores_.pods.until([&] {
    return std::all_of(pods.begin(), pods.end(), [&](const PodPtr& pod) {
      const PodPtr present = stores_.pods.get(kube::key_of(*pod));
      return !present || present->metadata.uid != pod->metadata.uid ||
             present->metadata.deletionTimestamp;
    });
  });
  co_return absl::OkStatus();
}

awaitable<Status> ReplicaSetReconciler::write_status(const api::ReplicaSet& rs,
                                                     api::ReplicaSetStatus status, Status applied) {
  std::erase_if(status.conditions,
                [](const auto& condition) { return condition.type == "ReplicaFailure"; });
  if (!applied.ok()) {
    api::ReplicaSetCondition failure;
    failure.type = "ReplicaFailure";
    failure.status = "True";
    failure.reason = message(applied).starts_with("create") ? "FailedCreate" : "FailedDelete";
    failure.message = message(applied);
    failure.lastTransitionTime = api::Time(clock_.now());
    for (const auto& present : rs.status.conditions)
      if (present.type == failure.type) failure.lastTransitionTime = present.lastTransitionTime;
    status.conditions.push_back(std::move(failure));
  }
  if (api::equal(status, rs.status)) co_return absl::OkStatus();
  api::ReplicaSet updated = rs;
  updated.status = std::move(status);
  const auto written = co_await client_.update_status(std::move(updated));
  if (!written.ok()) co_return annotate(written.status(), "status");
  co_await stores_.replica_sets.reach(written->metadata.resourceVersion);
  co_return absl::OkStatus();
}

void ReplicaSetReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.replica_sets.subscribe([&loop](const auto& before, const auto& after) {
    loop.enqueue(kube::key_of(after ? *after : *before));
  });
  stores.pods.subscribe([&stores, &loop](const PodPtr& before, const PodPtr& after) {
    for (const PodPtr& pod : {before, after}) {
      if (!pod) continue;
      if (const api::OwnerReference* owner = controller_of(pod->metadata)) {
        if (owner->kind == "ReplicaSet") loop.enqueue({pod->metadata.namespace_, owner->name});
        continue;
      }
      for (const auto& rs : stores.replica_sets.list(pod->metadata.namespace_))
        if (selects(*rs, *pod)) loop.enqueue(kube::key_of(*rs));
    }
  });
}

}  // namespace skiff::controllers
