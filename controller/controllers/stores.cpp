// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/stores.h"

#include "controller/controllers/owner.h"

namespace skiff::controllers {
namespace {

template <class T>
std::vector<std::string> owner_uid(const T& object) {
  const api::OwnerReference* owner = controller_of(object.metadata);
  return owner == nullptr ? std::vector<std::string>{} : std::vector{owner->uid};
}

std::vector<std::string> service_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.labels.find(api::kServiceNameLabel);
  if (it == slice.metadata.labels.end()) return {};
  return {slice.metadata.namespace_ + "/" + it->second};
}

}  // namespace

Stores::Stores(const Executor& executor)
    : namespaces(executor),
      nodes(executor),
      leases(executor),
      pods(executor),
      services(executor),
      endpoint_slices(executor, kube::Keep::kPacked),
      endpoints(executor, kube::Keep::kPacked),
      config_maps(executor),
      service_accounts(executor),
      replica_sets(executor),
      deployments(executor) {
  pods.add_index(kByOwner, owner_uid<api::Pod>);
  pods.add_index(kByNode, [](const api::Pod& pod) { return std::vector{pod.spec.nodeName}; });
  replica_sets.add_index(kByOwner, owner_uid<api::ReplicaSet>);
  endpoint_slices.add_index(kByService, service_of);
}

void Stores::start(const Executor& executor, const std::shared_ptr<kube::Transport>& transport) {
  kube::start_reflector(executor, transport, namespaces);
  kube::start_reflector(executor, transport, nodes);
  kube::start_reflector(executor, transport, leases, {.namespace_ = "kube-node-lease"});
  kube::start_reflector(executor, transport, pods);
  kube::start_reflector(executor, transport, services);
  kube::start_reflector(executor, transport, endpoint_slices);
  kube::start_reflector(executor, transport, endpoints);
  kube::start_reflector(executor, transport, config_maps);
  kube::start_reflector(executor, transport, service_accounts);
  kube::start_reflector(executor, transport, replica_sets);
  kube::start_reflector(executor, transport, deployments);
}

awaitable<void> Stores::wait_synced() {
  co_await namespaces.wait_synced();
  co_await nodes.wait_synced();
  co_await leases.wait_synced();
  co_await pods.wait_synced();
  co_await services.wait_synced();
  co_await endpoint_slices.wait_synced();
  co_await endpoints.wait_synced();
  co_await config_maps.wait_synced();
  co_await service_accounts.wait_synced();
  co_await replica_sets.wait_synced();
  co_await deployments.wait_synced();
}

}  // namespace skiff::controllers
