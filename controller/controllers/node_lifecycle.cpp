// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/node_lifecycle.h"

#include <algorithm>

#include "api/compare.h"
#include "api/core/taints.h"
#include "controller/controllers/pod_conditions.h"

namespace skiff::controllers {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

struct ConditionTaint {
  const char* condition;
  const char* taint;
};
constexpr ConditionTaint kPressures[] = {
    {"MemoryPressure", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "node.kubernetes.io/disk-pressure"},
    {"PIDPressure", "node.kubernetes.io/pid-pressure"},
    {"NetworkUnavailable", "node.kubernetes.io/network-unavailable"},
};

const api::NodeCondition* find(const api::NodeStatus& status, std::string_view type) {
  for (const api::NodeCondition& condition : status.conditions)
    if (condition.type == type) return &condition;
  return nullptr;
}

bool is_ours(const api::Taint& taint) {
  return taint.key == kNotReady || taint.key == kUnreachable || taint.key == kUnschedulable ||
         std::any_of(std::begin(kPressures), std::end(kPressures),
                     [&](const ConditionTaint& pressure) { return taint.key == pressure.taint; });
}

void add_taint(const api::Node& node, const char* key, const char* effect, TimePoint now,
               std::vector<api::Taint>& taints) {
  for (const api::Taint& present : node.spec.taints)
    if (present.key == key && present.effect == effect) {
      taints.push_back(present);  // keeps timeAdded
      return;
    }
  api::Taint taint;
  taint.key = key;
  taint.effect = effect;
  if (std::string_view(effect) == "NoExecute") taint.timeAdded = api::Time(now);
  taints.push_back(std::move(taint));
}

std::vector<api::Taint> wanted_taints(const api::Node& node, const api::NodeStatus& status,
                                      TimePoint now) {
  std::vector<api::Taint> taints;
  for (const api::Taint& taint : node.spec.taints)
    if (!is_ours(taint)) taints.push_back(taint);
  const api::NodeCondition* ready = find(status, "Ready");
  if (ready == nullptr || ready->status != "True") {
    const char* key = ready != nullptr && ready->status == "Unknown" ? kUnreachable : kNotReady;
    add_taint(node, key, "NoSchedule", now, taints);
    add_taint(node, key, "NoExecute", now, taints);
  }
  for (const ConditionTaint& pressure : kPressures) {
    const api::NodeCondition* condition = find(status, pressure.condition);
    if (condition != nullptr && condition->status == "True")
      add_taint(node, pressure.taint, "NoSchedule", now, taints);
  }
  if (node.spec.unschedulable) add_taint(node, kUnschedulable, "NoSchedule", now, taints);
  return taints;
}

// The conditions that a kubelet reports, all Unknown: it has not been heard of.
api::NodeStatus unknown_status(const api::Node& node, TimePoint now) {
  api::NodeStatus status = node.status;
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const auto present =
        std::find_if(status.conditions.begin(), status.conditions.end(),
                     [&](const api::NodeCondition& condition) { return condition.type == type; });
    const bool posted = present != status.conditions.end();
    api::NodeCondition unknown;
    unknown.type = type;
    unknown.status = "Unknown";
    unknown.lastTransitionTime = api::Time(now);
    unknown.reason = posted ? "NodeStatusUnknown" : "NodeStatusNeverUpdated";
    unknown.message =
        posted ? "Kubelet stopped posting node status." : "Kubelet never posted node status.";
    if (!posted) {
      status.conditions.push_back(std::move(unknown));
    } else if (present->status != "Unknown") {
      unknown.lastHeartbeatTime = present->lastHeartbeatTime;
      *present = std::move(unknown);
    }
  }
  return status;
}

bool same_taints(const std::vector<api::Taint>& a, const std::vector<api::Taint>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const api::Taint& taint) {
           return std::any_of(b.begin(), b.end(),
                              [&](const api::Taint& other) { return api::equal(taint, other); });
         });
}

}  // namespace

NodeLifecyclePlan plan_lifecycle(const api::Node& node, TimePoint heard_at, TimePoint now,
                                 Duration grace) {
  NodeLifecyclePlan plan;
  api::NodeStatus status = node.status;
  if (now - heard_at >= grace) {
    status = unknown_status(node, now);
    if (!api::equal(status, node.status)) plan.status = status;
  } else {
    plan.again_after = heard_at + grace - now;
  }
  std::vector<api::Taint> taints = wanted_taints(node, status, now);
  if (!same_taints(taints, node.spec.taints)) plan.taints = std::move(taints);
  return plan;
}

std::optional<TimePoint> eviction_time(const api::Pod& pod, const std::vector<api::Taint>& taints,
                                       TimePoint now) {
  std::optional<TimePoint> earliest;
  for (const api::Taint& taint : taints) {
    if (taint.effect != "NoExecute") continue;
    const TimePoint since = taint.timeAdded ? taint.timeAdded.at : now;
    // The first toleration that matches a taint speaks for it, as in GetMatchingTolerations; over
    // all taints the shortest time counts, as in getMinTolerationTime.
    const auto speaks =
        std::find_if(pod.spec.tolerations.begin(), pod.spec.tolerations.end(),
                     [&](const api::Toleration& each) { return api::tolerates(each, taint); });
    TimePoint leave = since;  // no toleration: at once
    if (speaks != pod.spec.tolerations.end()) {
      if (!speaks->tolerationSeconds) continue;
      leave += std::chrono::seconds(std::max<int64_t>(0, *speaks->tolerationSeconds));
    }
    earliest = std::min(earliest.value_or(leave), leave);
  }
  return earliest;
}

awaitable<Result<kube::Outcome>> NodeLifecycleReconciler::reconcile(const kube::ObjectKey& key) {
  const auto node = stores_.nodes.get(key);
  if (!node) {
    heard_at_.erase(key.name);
    co_return kube::Outcome::done();
  }
  const TimePoint heard = heard_at_.try_emplace(key.name, clock_.now()).first->second;
  const NodeLifecyclePlan plan = plan_lifecycle(*node, heard, clock_.now(), grace_);
  CO_RETURN_IF_ERROR(co_await apply(*node, plan));
  if (plan.taints || plan.status)
    co_return kube::Outcome::after(10ms);  // the rest from what is stored now

  const api::NodeCondition* ready = find(node->status, "Ready");
  if (ready != nullptr && ready->status != "True")
    CO_RETURN_IF_ERROR(co_await mark_pods_not_ready(key.name));
  CO_ASSIGN_OR_RETURN(const std::optional<Duration> next_eviction, co_await evict(*node));
  kube::Outcome outcome{plan.again_after};
  if (next_eviction)
    outcome.again_after = std::min(outcome.again_after.value_or(*next_eviction), *next_eviction);
  co_return outcome;
}

awaitable<Status> NodeLifecycleReconciler::apply(const api::Node& node,
                                                 const NodeLifecyclePlan& plan) {
  api::Node updated = node;
  if (plan.status) {
    updated.status = *plan.status;
    auto written = co_await client_.update_status(updated);
    CO_RETURN_IF_ERROR(written, "status");
    updated = *std::move(written);
    events_.normal(kube::reference_to(node), "NodeNotReady",
                   fmt::format("Node {} status is now: NodeNotReady", node.metadata.name));
  }
  if (plan.taints) {
    updated.spec.taints = *plan.taints;
    auto written = co_await client_.update(updated);
    CO_RETURN_IF_ERROR(written, "taints");
    updated = *std::move(written);
  }
  if (plan.status || plan.taints) co_await stores_.nodes.reach(updated.metadata.resourceVersion);
  co_return absl::OkStatus();
}

awaitable<Status> NodeLifecycleReconciler::mark_pods_not_ready(std::string node) {
  for (const auto& pod : stores_.pods.by_index(kByNode, node)) {
    if (!is_ready(*pod) || pod->metadata.deletionTimestamp) continue;
    api::Pod updated = *pod;
    for (api::PodCondition& condition : updated.status.conditions) {
      if (condition.type != "Ready") continue;
      condition.status = "False";
      condition.reason = "NodeNotReady";
      condition.lastTransitionTime = api::Time(clock_.now());
    }
    const auto written = co_await client_.update_status(std::move(updated));
    if (written.status().code() != StatusCode::kNotFound)
      CO_RETURN_IF_ERROR(written, "pod {}", pod->metadata.name);
  }
  co_return absl::OkStatus();
}

awaitable<Result<std::optional<Duration>>> NodeLifecycleReconciler::evict(const api::Node& node) {
  std::optional<Duration> next;
  const TimePoint now = clock_.now();
  for (const auto& pod : stores_.pods.by_index(kByNode, node.metadata.name)) {
    if (!is_active(*pod)) continue;
    const auto leave = eviction_time(*pod, node.spec.taints, now);
    if (!leave) continue;
    if (*leave > now) {
      next = std::min<Duration>(next.value_or(*leave - now), *leave - now);
      continue;
    }
    events_.normal(kube::reference_to(*pod), "TaintManagerEviction",
                   fmt::format("Marking for deletion Pod {}", kube::key_of(*pod)));
    const Status removed =
        co_await client_.remove<api::Pod>(kube::key_of(*pod), {.uid = pod->metadata.uid});
    if (removed.code() != StatusCode::kNotFound)
      CO_RETURN_IF_ERROR(removed, "evict pod {}", pod->metadata.name);
  }
  co_return next;
}

void NodeLifecycleReconciler::watch(kube::ReconcileLoop& loop) {
  stores_.nodes.subscribe([&loop](const auto& before, const auto& after) {
    loop.enqueue(kube::key_of(after ? *after : *before));
  });
  stores_.leases.subscribe([this, &loop](const auto& before, const auto& after) {
    if (!after || (before && before->spec.renewTime == after->spec.renewTime)) return;
    heard_at_[after->metadata.name] = clock_.now();
    // A node back from Unknown says so itself; its status change enqueues it.
    if (!before) loop.enqueue({"", after->metadata.name});
  });
  stores_.pods.subscribe([this, &loop](const auto& before, const auto& after) {
    if (!after || after->spec.nodeName.empty() ||
        (before && before->spec.nodeName == after->spec.nodeName))
      return;
    const auto node = stores_.nodes.get({"", after->spec.nodeName});
    if (node && !node->spec.taints.empty()) loop.enqueue(kube::key_of(*node));
  });
}

}  // namespace skiff::controllers
