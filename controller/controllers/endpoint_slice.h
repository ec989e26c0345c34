// SPDX-License-Identifier: Apache-2.0
// EndpointSlices: for each Service with a selector, the addresses of its pods, at most 100 a slice,
// per address family and set of ports. A changed endpoint rewrites the one slice that holds it.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "controller/controllers/service_endpoints.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

using SlicePtr = std::shared_ptr<const api::EndpointSlice>;

struct EndpointSlicePlan {
  std::vector<api::EndpointSlice> create;
  std::vector<api::EndpointSlice> update;
  std::vector<SlicePtr> remove;
};

// Pure. `slices`: those of the service that this controller manages.
EndpointSlicePlan plan_slices(const api::Service& service,
                              std::span<const std::shared_ptr<const api::Pod>> pods,
                              std::span<const SlicePtr> slices, const NodeLookup& node_of);

class EndpointSliceReconciler final : public kube::Reconciler {
 public:
  EndpointSliceReconciler(kube::Client client, Stores& stores, const Clock& clock)
      : client_(std::move(client)), stores_(stores), clock_(clock) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  kube::Client client_;
  Stores& stores_;
  const Clock& clock_;
};

// Enqueues the services that a change of services or pods concerns; shared with the Endpoints
// controller.
void watch_services_and_pods(Stores& stores, kube::ReconcileLoop& loop);

}  // namespace skiff::controllers
