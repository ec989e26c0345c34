// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/endpoints.h"

#include <algorithm>

#include "api/compare.h"
#include "controller/controllers/endpoint_slice.h"

namespace skiff::controllers {
namespace {

constexpr size_t kMostAddresses = 1000;
constexpr const char* kOverCapacity = "endpoints.kubernetes.io/over-capacity";

api::EndpointAddress address_of(const api::Endpoint& endpoint) {
  api::EndpointAddress address;
  address.ip = endpoint.addresses.front();
  address.hostname = endpoint.hostname.value_or("");
  address.nodeName = endpoint.nodeName;
  address.targetRef = endpoint.targetRef;
  return address;
}

api::EndpointSubset subset_of(const EndpointGroup& group, size_t& room, bool& truncated) {
  api::EndpointSubset subset;
  for (const api::EndpointSlicePort& port : group.ports) {
    api::EndpointPort& plain = subset.ports.emplace_back();
    plain.name = port.name.value_or("");
    plain.port = port.port.value_or(0);
    plain.protocol = port.protocol.value_or("TCP");
    plain.appProtocol = port.appProtocol;
  }
  for (const api::Endpoint& endpoint : group.endpoints) {
    // Endpoints knows ready and not ready, and no terminating.
    if (endpoint.conditions.terminating.value_or(false) &&
        !endpoint.conditions.ready.value_or(false))
      continue;
    if (room == 0) {
      truncated = true;
      break;
    }
    --room;
    (endpoint.conditions.ready.value_or(true) ? subset.addresses : subset.notReadyAddresses)
        .push_back(address_of(endpoint));
  }
  return subset;
}

// Groups that differ in weight alone, which Endpoints do not know, are one.
void add_subset(api::EndpointSubset subset, api::Endpoints& object) {
  const auto same_ports = [&](const api::EndpointSubset& other) {
    return std::ranges::equal(
        subset.ports, other.ports,
        [](const api::EndpointPort& a, const api::EndpointPort& b) { return api::equal(a, b); });
  };
  const auto it = std::ranges::find_if(object.subsets, same_ports);
  if (it == object.subsets.end()) {
    object.subsets.push_back(std::move(subset));
    return;
  }
  std::ranges::move(subset.addresses, std::back_inserter(it->addresses));
  std::ranges::move(subset.notReadyAddresses, std::back_inserter(it->notReadyAddresses));
}

}  // namespace

api::Endpoints endpoints_object(const api::Service& service,
                                std::span<const std::shared_ptr<const api::Pod>> pods,
                                const NodeLookup& node_of) {
  api::Endpoints object;
  object.metadata.namespace_ = service.metadata.namespace_;
  object.metadata.name = service.metadata.name;
  object.metadata.labels = service.metadata.labels;
  object.metadata.labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
  if (service.spec.clusterIP == "None") object.metadata.labels[api::kHeadlessLabel] = "";
  const std::vector<std::string> families = families_of(service);
  if (families.empty()) return object;
  size_t room = kMostAddresses;
  bool truncated = false;
  for (const EndpointGroup& group : endpoints_of(service, pods, families.front(), node_of)) {
    api::EndpointSubset subset = subset_of(group, room, truncated);
    if (!subset.addresses.empty() || !subset.notReadyAddresses.empty())
      add_subset(std::move(subset), object);
  }
  if (truncated) object.metadata.annotations[kOverCapacity] = "truncated";
  return object;
}

awaitable<Result<kube::Outcome>> EndpointsReconciler::reconcile(const kube::ObjectKey& key) {
  const auto service = stores_.services.get(key);
  const auto present = stores_.endpoints.get(key);
  if (!service) {
    // Endpoints have no owner reference; they go with the service of their name, unless somebody
    // else keeps them.
    if (!present || !present->metadata.labels.contains("endpoints.kubernetes.io/managed-by"))
      co_return kube::Outcome::done();
    const Status removed = co_await client_.remove<api::Endpoints>(key);
    if (removed.code() != StatusCode::kNotFound) CO_RETURN_IF_ERROR(removed);
    co_return kube::Outcome::done();
  }
  if (service->spec.selector.empty() || service->spec.type == "ExternalName")
    co_return kube::Outcome::done();
  api::Endpoints wanted =
      endpoints_object(*service, stores_.pods.list(key.namespace_),
                       [this](const std::string& name) { return stores_.nodes.get({"", name}); });
  std::string version;
  if (!present) {
    const auto created = co_await client_.create(std::move(wanted));
    CO_RETURN_IF_ERROR(created);
    version = created->metadata.resourceVersion;
  } else {
    api::Endpoints next = *present;
    next.metadata.labels = wanted.metadata.labels;
    next.metadata.annotations.erase(kOverCapacity);
    for (auto& [name, value] : wanted.metadata.annotations) next.metadata.annotations[name] = value;
    next.subsets = std::move(wanted.subsets);
    if (api::equal(next, *present)) co_return kube::Outcome::done();
    const auto updated = co_await client_.update(std::move(next));
    CO_RETURN_IF_ERROR(updated);
    version = updated->metadata.resourceVersion;
  }
  co_await stores_.endpoints.reach(version);
  co_return kube::Outcome::done();
}

void EndpointsReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  watch_services_and_pods(stores, loop);
  stores.endpoints.subscribe([&loop](const auto& before, const auto& after) {
    if (!after) loop.enqueue(kube::key_of(*before));
  });
}

}  // namespace skiff::controllers
