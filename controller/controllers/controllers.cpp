// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/controllers.h"

#include "controller/controllers/deployment.h"
#include "controller/controllers/endpoint_slice.h"
#include "controller/controllers/endpoints.h"
#include "controller/controllers/garbage_collector.h"
#include "controller/controllers/load_balancer.h"
#include "controller/controllers/namespace.h"
#include "controller/controllers/namespace_defaults.h"
#include "controller/controllers/node_ipam.h"
#include "controller/controllers/node_lifecycle.h"
#include "controller/controllers/pod_gc.h"
#include "controller/controllers/replica_set.h"
#include "kube/events.h"

namespace skiff::controllers {

// Each reconciler with its loop, in order of construction.
struct Controllers::Parts {
  Parts(const Executor& executor, Options options, const kube::Client& client, Stores& stores,
        const Clock& clock)
      : metrics(options.metrics),
        replica_set_events(executor, client, {"replicaset-controller", ""}, clock),
        deployment_events(executor, client, {"deployment-controller", ""}, clock),
        node_events(executor, client, {"node-controller", ""}, clock),
        service_events(executor, client, {"service-controller", ""}, clock),
        replica_sets(client, stores, replica_set_events, clock),
        deployments(client, stores, deployment_events, clock),
        endpoint_slices(client, stores, clock),
        endpoints(client, stores),
        namespaces(client, stores, clock),
        namespace_defaults(client, stores, std::move(options.root_ca)),
        node_ipam(client, stores, std::move(options.cluster_ranges)),
        node_lifecycle(client, stores, node_events, clock, options.node_grace),
        pod_gc(client, stores, clock),
        load_balancers(client, stores, service_events, clock),
        garbage_collector(executor, client),
        replica_set_loop(executor, queue("replicaset"), replica_sets),
        deployment_loop(executor, queue("deployment"), deployments),
        endpoint_slice_loop(executor, queue("endpointslice"), endpoint_slices),
        endpoints_loop(executor, queue("endpoints"), endpoints),
        namespace_loop(executor, queue("namespace"), namespaces),
        namespace_defaults_loop(executor, queue("namespace-defaults"), namespace_defaults),
        node_ipam_loop(executor, queue("node-ipam", 1), node_ipam),
        node_lifecycle_loop(executor, queue("node-lifecycle"), node_lifecycle),
        pod_gc_loop(executor, queue("pod-gc"), pod_gc),
        load_balancer_loop(executor, queue("load-balancer", 1), load_balancers),
        garbage_collector_loop(executor, queue("garbage-collector", 8), garbage_collector) {}

  kube::ReconcileLoop::Options queue(const char* name, int workers = 4) const {
    return {.name = name, .workers = workers, .backoff = {}, .metrics = metrics};
  }

  metrics::Registry* metrics;
  kube::EventRecorder replica_set_events;
  kube::EventRecorder deployment_events;
  kube::EventRecorder node_events;
  kube::EventRecorder service_events;

  ReplicaSetReconciler replica_sets;
  DeploymentReconciler deployments;
  EndpointSliceReconciler endpoint_slices;
  EndpointsReconciler endpoints;
  NamespaceReconciler namespaces;
  NamespaceDefaultsReconciler namespace_defaults;
  NodeIpamReconciler node_ipam;
  NodeLifecycleReconciler node_lifecycle;
  PodGcReconciler pod_gc;
  LoadBalancerReconciler load_balancers;
  GarbageCollector garbage_collector;

  kube::ReconcileLoop replica_set_loop;
  kube::ReconcileLoop deployment_loop;
  kube::ReconcileLoop endpoint_slice_loop;
  kube::ReconcileLoop endpoints_loop;
  kube::ReconcileLoop namespace_loop;
  kube::ReconcileLoop namespace_defaults_loop;
  kube::ReconcileLoop node_ipam_loop;
  kube::ReconcileLoop node_lifecycle_loop;
  kube::ReconcileLoop pod_gc_loop;
  kube::ReconcileLoop load_balancer_loop;
  kube::ReconcileLoop garbage_collector_loop;
};

Controllers::Controllers(const Executor& executor, Options options, kube::Client client,
                         Stores& stores, const Clock& clock)
    : executor_(executor),
      stores_(stores),
      parts_(std::make_unique<Parts>(executor, std::move(options), client, stores, clock)) {}

Controllers::~Controllers() = default;

void Controllers::start() {
  spawn(executor_, "controllers", run());
}

awaitable<void> Controllers::run() {
  co_await stores_.wait_synced();
  Parts& parts = *parts_;
  ReplicaSetReconciler::watch(stores_, parts.replica_set_loop);
  DeploymentReconciler::watch(stores_, parts.deployment_loop);
  EndpointSliceReconciler::watch(stores_, parts.endpoint_slice_loop);
  EndpointsReconciler::watch(stores_, parts.endpoints_loop);
  NamespaceReconciler::watch(stores_, parts.namespace_loop);
  NamespaceDefaultsReconciler::watch(stores_, parts.namespace_defaults_loop);
  NodeIpamReconciler::watch(stores_, parts.node_ipam_loop);
  parts.node_lifecycle.watch(parts.node_lifecycle_loop);
  PodGcReconciler::watch(stores_, parts.pod_gc_loop);
  LoadBalancerReconciler::watch(stores_, parts.load_balancer_loop);
  parts.garbage_collector.watch(executor_, parts.garbage_collector_loop);
  for (kube::ReconcileLoop* loop :
       {&parts.replica_set_loop, &parts.deployment_loop, &parts.endpoint_slice_loop,
        &parts.endpoints_loop, &parts.namespace_loop, &parts.namespace_defaults_loop,
        &parts.node_ipam_loop, &parts.node_lifecycle_loop, &parts.pod_gc_loop,
        &parts.load_balancer_loop, &parts.garbage_collector_loop})
    loop->start();
}

}  // namespace skiff::controllers
