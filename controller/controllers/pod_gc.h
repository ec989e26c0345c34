// SPDX-License-Identifier: Apache-2.0
// Pod garbage: pods bound to nodes that do not exist any more are failed and removed (nobody else
// would ever end them).
#pragma once

#include "base/clock.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

// Works on pod keys.
class PodGcReconciler final : public kube::Reconciler {
 public:
  PodGcReconciler(kube::Client client, Stores& stores, const Clock& clock)
      : client_(std::move(client)), stores_(stores), clock_(clock) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  kube::Client client_;
  Stores& stores_;
  const Clock& clock_;
};

}  // namespace skiff::controllers
