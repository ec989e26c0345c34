// SPDX-License-Identifier: Apache-2.0
// The objects that the controllers (and the scheduler) share: one store and one reflector a kind in
// the whole process.
#pragma once

#include <memory>

#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/coordination/lease.h"
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "kube/reflector.h"
#include "kube/store.h"

namespace skiff::controllers {

struct Stores {
  explicit Stores(const Executor& executor);
  // Starts one reflector for each.
  void start(const Executor& executor, const std::shared_ptr<kube::Transport>& transport);
  awaitable<void> wait_synced();

  kube::Store<api::Namespace> namespaces;
  kube::Store<api::Node> nodes;
  kube::Store<api::Lease> leases;
  kube::Store<api::Pod> pods;
  kube::Store<api::Service> services;
  kube::Store<api::EndpointSlice> endpoint_slices;
  kube::Store<api::Endpoints> endpoints;
  kube::Store<api::ConfigMap> config_maps;
  kube::Store<api::ServiceAccount> service_accounts;
  kube::Store<api::ReplicaSet> replica_sets;
  kube::Store<api::Deployment> deployments;
};

// Index names.
inline constexpr const char* kByOwner = "owner";      // uid of the controlling owner
inline constexpr const char* kByNode = "node";        // pods: spec.nodeName
inline constexpr const char* kByService = "service";  // slices: namespace/name of their Service

}  // namespace skiff::controllers
