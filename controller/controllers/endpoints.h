// SPDX-License-Identifier: Apache-2.0
// Endpoints: the older, one-object form of endpoint slices (first address family only, at most
// 1,000 addresses), for the clients that still read it.
#pragma once

#include <span>

#include "controller/controllers/service_endpoints.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

// Pure: the Endpoints object of `service`.
api::Endpoints endpoints_object(const api::Service& service,
                                std::span<const std::shared_ptr<const api::Pod>> pods,
                                const NodeLookup& node_of);

class EndpointsReconciler final : public kube::Reconciler {
 public:
  EndpointsReconciler(kube::Client client, Stores& stores)
      : client_(std::move(client)), stores_(stores) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  kube::Client client_;
  Stores& stores_;
};

}  // namespace skiff::controllers
