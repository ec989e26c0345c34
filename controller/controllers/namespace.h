// SPDX-License-Identifier: Apache-2.0
// Namespace: empties a namespace that is being deleted, pods first, then lets it go. What still
// holds it up is in its conditions.
#pragma once

#include <string>
#include <vector>

#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

// What was found left in a namespace, after everything in it was told to go.
struct NamespaceRemains {
  std::map<std::string, int> objects;     // resource → how many
  std::map<std::string, int> finalizers;  // finalizer → on how many objects
  bool empty() const { return objects.empty(); }
};

// Pure: the namespace's status with its conditions in Kubernetes' words (KEP-5080 for the order).
api::NamespaceStatus namespace_status(const api::Namespace& ns, const NamespaceRemains& remains,
                                      TimePoint now);

class NamespaceReconciler final : public kube::Reconciler {
 public:
  NamespaceReconciler(kube::Client client, Stores& stores, const Clock& clock)
      : client_(std::move(client)), stores_(stores), clock_(clock) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  awaitable<Status> remove_all(const api::Kind& kind, std::string ns);
  awaitable<Status> count(const api::Kind& kind, std::string ns, NamespaceRemains& remains);
  awaitable<Status> finalize(const api::Namespace& ns);

  kube::Client client_;
  Stores& stores_;
  const Clock& clock_;
};

}  // namespace skiff::controllers
