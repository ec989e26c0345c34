// SPDX-License-Identifier: Apache-2.0
// What every namespace has: the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` with
// the cluster's CA.
#pragma once

#include <string>

#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

class NamespaceDefaultsReconciler final : public kube::Reconciler {
 public:
  NamespaceDefaultsReconciler(kube::Client client, Stores& stores, std::string root_ca)
      : client_(std::move(client)), stores_(stores), root_ca_(std::move(root_ca)) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  awaitable<Status> ensure_service_account(std::string ns);
  awaitable<Status> ensure_root_ca(std::string ns);

  kube::Client client_;
  Stores& stores_;
  std::string root_ca_;
};

}  // namespace skiff::controllers
