// SPDX-License-Identifier: Apache-2.0
// ReplicaSet: keeps `spec.replicas` matching pods alive.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

using PodPtr = std::shared_ptr<const api::Pod>;

struct ReplicaSetPlan {
  std::vector<PodPtr> adopt;    // match, and nobody controls them
  std::vector<PodPtr> release;  // ours, and match no more
  int32_t create = 0;
  std::vector<PodPtr> remove;
  api::ReplicaSetStatus status;
  std::optional<Duration> again_after;  // when a pod becomes available by time alone
};

// Pure. `pods`: those of the namespace.
ReplicaSetPlan plan(const api::ReplicaSet& rs, std::span<const PodPtr> pods, TimePoint now);

// The pod that `rs` asks for; the API server completes its name.
api::Pod pod_of(const api::ReplicaSet& rs);

class ReplicaSetReconciler final : public kube::Reconciler {
 public:
  ReplicaSetReconciler(kube::Client client, Stores& stores, kube::EventRecorder& events,
                       const Clock& clock)
      : client_(std::move(client)), stores_(stores), events_(events), clock_(clock) {}

  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;

  // Makes changes of replica sets and of their pods enqueue keys.
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  awaitable<Status> adopt_and_release(const api::ReplicaSet& rs, const ReplicaSetPlan& plan);
  awaitable<Status> create_pods(const api::ReplicaSet& rs, int32_t count);
  awaitable<Status> remove_pods(const api::ReplicaSet& rs, std::vector<PodPtr> pods);
  awaitable<Status> write_status(const api::ReplicaSet& rs, api::ReplicaSetStatus status,
                                 Status applied);

  kube::Client client_;
  Stores& stores_;
  kube::EventRecorder& events_;
  const Clock& clock_;
};

}  // namespace skiff::controllers
