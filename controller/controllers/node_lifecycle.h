// SPDX-License-Identifier: Apache-2.0
// Node lifecycle: a node whose lease is not renewed any more becomes Unknown; conditions become
// taints; pods that do not tolerate a NoExecute taint are evicted in their time; pods on a node
// that is not ready are not ready either.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

struct NodeLifecyclePlan {
  std::optional<api::NodeStatus> status;          // if conditions turn Unknown
  std::optional<std::vector<api::Taint>> taints;  // if they change
  std::optional<Duration> again_after;
};

// How long a node may be silent: node-monitor-grace-period since Kubernetes 1.32.
inline constexpr Duration kNodeGrace = std::chrono::seconds(50);

// Pure. `heard_at`: when we last saw the node's lease change.
NodeLifecyclePlan plan_lifecycle(const api::Node& node, TimePoint heard_at, TimePoint now,
                                 Duration grace = kNodeGrace);

// Pure: when `pod` has to leave a node with `taints`; nothing: it may stay. In the past: now.
std::optional<TimePoint> eviction_time(const api::Pod& pod, const std::vector<api::Taint>& taints,
                                       TimePoint now);

class NodeLifecycleReconciler final : public kube::Reconciler {
 public:
  NodeLifecycleReconciler(kube::Client client, Stores& stores, kube::EventRecorder& events,
                          const Clock& clock, Duration grace)
      : client_(std::move(client)),
        stores_(stores),
        events_(events),
        clock_(clock),
        grace_(grace) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  void watch(kube::ReconcileLoop& loop);

 private:
  awaitable<Status> apply(const api::Node& node, const NodeLifecyclePlan& plan);
  awaitable<Status> mark_pods_not_ready(std::string node);
  // Evicts what is due; says when the next one is.
  awaitable<Result<std::optional<Duration>>> evict(const api::Node& node);

  kube::Client client_;
  Stores& stores_;
  kube::EventRecorder& events_;
  const Clock& clock_;
  Duration grace_;
  std::unordered_map<std::string, TimePoint> heard_at_;
};

}  // namespace skiff::controllers
