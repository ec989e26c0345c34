// SPDX-License-Identifier: Apache-2.0
// Deployment: one replica set per template, and pods moved between them (deployment_plan.h decides
// how).
#pragma once

#include "controller/controllers/deployment_plan.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

class DeploymentReconciler final : public kube::Reconciler {
 public:
  DeploymentReconciler(kube::Client client, Stores& stores, kube::EventRecorder& events,
                       const Clock& clock)
      : client_(std::move(client)), stores_(stores), events_(events), clock_(clock) {}

  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  // Ours, after adopting those that match and nobody owns and releasing those that match no more.
  awaitable<Result<std::vector<ReplicaSetPtr>>> claim(const api::Deployment& deployment);
  awaitable<Status> release(const api::Deployment& deployment, const api::ReplicaSet& rs);
  awaitable<Status> apply(const api::Deployment& deployment, const DeploymentPlan& plan);
  awaitable<Status> create(const api::Deployment& deployment, api::ReplicaSet rs);
  awaitable<Status> scale(const api::Deployment& deployment, const DeploymentPlan::Scale& step);
  awaitable<Status> write(const api::Deployment& deployment, const DeploymentPlan& plan);

  kube::Client client_;
  Stores& stores_;
  kube::EventRecorder& events_;
  const Clock& clock_;
};

}  // namespace skiff::controllers
