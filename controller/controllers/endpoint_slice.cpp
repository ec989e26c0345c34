// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/endpoint_slice.h"

#include <algorithm>

#include "api/compare.h"
#include "controller/controllers/owner.h"
#include "kube/endpoint_weight.h"

namespace skiff::controllers {
namespace {

constexpr size_t kMostPerSlice = 100;
constexpr const char* kManagedBy = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kManager = "endpointslice-controller.k8s.io";
constexpr const char* kTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";

std::map<std::string, std::string> labels_of(const api::Service& service) {
  std::map<std::string, std::string> labels = service.metadata.labels;
  labels.erase(api::kHeadlessLabel);
  labels[api::kServiceNameLabel] = service.metadata.name;
  labels[kManagedBy] = kManager;
  if (service.spec.clusterIP == "None") labels[api::kHeadlessLabel] = "";
  return labels;
}

void set_weight(api::EndpointSlice& slice, const std::string& weight) {
  if (weight.empty()) {
    slice.metadata.annotations.erase(kube::kEndpointWeight);
  } else {
    slice.metadata.annotations[kube::kEndpointWeight] = weight;
  }
}

std::string weight_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.annotations.find(kube::kEndpointWeight);
  return it == slice.metadata.annotations.end() ? "" : it->second;
}

api::EndpointSlice new_slice(const api::Service& service, const std::string& family,
                             const EndpointGroup& group) {
  api::EndpointSlice slice;
  slice.metadata.namespace_ = service.metadata.namespace_;
  slice.metadata.generateName = service.metadata.name + "-";
  slice.metadata.labels = labels_of(service);
  slice.metadata.ownerReferences.push_back(controller_reference(service));
  slice.addressType = family;
  slice.ports = group.ports;
  set_weight(slice, group.weight);
  return slice;
}

// Fills `slices` (of one family and port set) with `endpoints`: an endpoint stays in the slice that
// has it, new ones fill slices with room, so that few slices change.
void distribute(const api::Service& service, const std::string& family, EndpointGroup group,
                std::vector<SlicePtr> slices, EndpointSlicePlan& plan) {
  std::map<std::string, api::Endpoint> wanted;
  for (api::Endpoint& endpoint : group.endpoints)
    wanted.emplace(endpoint.addresses.front(), std::move(endpoint));
  std::vector<std::pair<SlicePtr, api::EndpointSlice>> drafts;
  for (const SlicePtr& slice : slices) {
    api::EndpointSlice draft = *slice;
    draft.metadata.labels = labels_of(service);
    draft.ports = group.ports;
    set_weight(draft, group.weight);
    draft.endpoints.clear();
    for (const api::Endpoint& present : slice->endpoints) {
      if (present.addresses.empty()) continue;
      auto node = wanted.extract(present.addresses.front());
      if (!node.empty()) draft.endpoints.push_back(std::move(node.mapped()));
    }
    drafts.emplace_back(slice, std::move(draft));
  }
  for (auto& [slice, draft] : drafts)
    while (!wanted.empty() && draft.endpoints.size() < kMostPerSlice)
      draft.endpoints.push_back(std::move(wanted.extract(wanted.begin()).mapped()));
  for (auto& [slice, draft] : drafts) {
    if (draft.endpoints.empty() && (drafts.size() > 1 || group.endpoints.empty())) {
      plan.remove.push_back(slice);
    } else if (!api::equal(draft, *slice)) {
      plan.update.push_back(std::move(draft));
    }
  }
  while (!wanted.empty()) {
    api::EndpointSlice slice = new_slice(service, family, group);
    while (!wanted.empty() && slice.endpoints.size() < kMostPerSlice)
      slice.endpoints.push_back(std::move(wanted.extract(wanted.begin()).mapped()));
    plan.create.push_back(std::move(slice));
  }
}

bool same_ports(const PortSet& a, const PortSet& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const auto& x, const auto& y) { return api::equal(x, y); });
}

}  // namespace

EndpointSlicePlan plan_slices(const api::Service& service,
                              std::span<const std::shared_ptr<const api::Pod>> pods,
                              std::span<const SlicePtr> slices, const NodeLookup& node_of) {
  EndpointSlicePlan plan;
  const std::vector<std::string> families = families_of(service);
  std::vector<SlicePtr> left(slices.begin(), slices.end());
  for (const std::string& family : families) {
    std::vector<EndpointGroup> groups = endpoints_of(service, pods, family, node_of);
    // A service without endpoints keeps one empty slice, so that its consumers know that there are
    // none.
    if (groups.empty()) groups.emplace_back();
    for (EndpointGroup& group : groups) {
      std::vector<SlicePtr> mine;
      std::erase_if(left, [&](const SlicePtr& slice) {
        const bool match = slice->addressType == family &&
                           (groups.size() == 1 || (weight_of(*slice) == group.weight &&
                                                   same_ports(slice->ports, group.ports)));
        if (match) mine.push_back(slice);
        return match;
      });
      if (group.endpoints.empty() && mine.empty()) {
        plan.create.push_back(new_slice(service, family, group));
        continue;
      }
      if (group.endpoints.empty()) {
        api::EndpointSlice emptied = *mine.front();
        emptied.endpoints.clear();
        emptied.metadata.labels = labels_of(service);
        set_weight(emptied, group.weight);
        if (!api::equal(emptied, *mine.front())) plan.update.push_back(std::move(emptied));
        left.insert(left.end(), mine.begin() + 1, mine.end());
        continue;
      }
      distribute(service, family, std::move(group), std::move(mine), plan);
    }
  }
  plan.remove.insert(plan.remove.end(), left.begin(), left.end());
  return plan;
}

awaitable<Result<kube::Outcome>> EndpointSliceReconciler::reconcile(const kube::ObjectKey& key) {
  const auto service = stores_.services.get(key);
  // The slices of a deleted service go with it: the garbage collector follows their owner
  // reference.
  if (!service || service->metadata.deletionTimestamp || service->spec.selector.empty())
    co_return kube::Outcome::done();
  std::vector<SlicePtr> managed;
  for (const SlicePtr& slice : stores_.endpoint_slices.by_index(kByService, key.to_string())) {
    const auto manager = slice->metadata.labels.find(kManagedBy);
    if (manager != slice->metadata.labels.end() && manager->second == kManager &&
        !slice->metadata.deletionTimestamp)
      managed.push_back(slice);
  }
  EndpointSlicePlan plan =
      plan_slices(*service, stores_.pods.list(key.namespace_), managed,
                  [this](const std::string& name) { return stores_.nodes.get({"", name}); });
  std::string last_version;
  // Proxies tell from it how long a change takes to reach them.
  const std::string now = api::MicroTime(clock_.now()).to_string();
  for (api::EndpointSlice& slice : plan.create) {
    slice.metadata.annotations[kTriggerTime] = now;
    const auto created = co_await client_.create(std::move(slice));
    CO_RETURN_IF_ERROR(created, "create endpoint slice");
    last_version = created->metadata.resourceVersion;
  }
  for (api::EndpointSlice& slice : plan.update) {
    slice.metadata.annotations[kTriggerTime] = now;
    const auto updated = co_await client_.update(std::move(slice));
    CO_RETURN_IF_ERROR(updated, "update endpoint slice");
    last_version = updated->metadata.resourceVersion;
  }
  for (const SlicePtr& slice : plan.remove) {
    const Status removed = co_await client_.remove<api::EndpointSlice>(kube::key_of(*slice));
    if (removed.code() != StatusCode::kNotFound)
      CO_RETURN_IF_ERROR(removed, "delete endpoint slice");
  }
  if (!last_version.empty()) co_await stores_.endpoint_slices.reach(last_version);
  co_return kube::Outcome::done();
}

void watch_services_and_pods(Stores& stores, kube::ReconcileLoop& loop) {
  stores.services.subscribe([&loop](const auto& before, const auto& after) {
    loop.enqueue(kube::key_of(after ? *after : *before));
  });
  stores.pods.subscribe([&stores, &loop](const auto& before, const auto& after) {
    const std::string& namespace_ = (after ? after : before)->metadata.namespace_;
    for (const auto& service : stores.services.list(namespace_))
      if ((before && selects(*service, *before)) || (after && selects(*service, *after)))
        loop.enqueue(kube::key_of(*service));
  });
}

void EndpointSliceReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  watch_services_and_pods(stores, loop);
  // Endpoints carry the zone of their node.
  stores.nodes.subscribe([&stores, &loop](const auto& before, const auto& after) {
    const auto zone_of = [](const auto& node) { return node ? node_zone(*node) : std::nullopt; };
    if (zone_of(before) == zone_of(after)) return;
    for (const auto& pod : stores.pods.by_index(kByNode, (after ? after : before)->metadata.name))
      for (const auto& service : stores.services.list(pod->metadata.namespace_))
        if (selects(*service, *pod)) loop.enqueue(kube::key_of(*service));
  });
  stores.endpoint_slices.subscribe([&loop](const auto& before, const auto& after) {
    const auto& slice = after ? after : before;
    const auto service = slice->metadata.labels.find(api::kServiceNameLabel);
    const auto manager = slice->metadata.labels.find(kManagedBy);
    if (service != slice->metadata.labels.end() && manager != slice->metadata.labels.end() &&
        manager->second == kManager)
      loop.enqueue({slice->metadata.namespace_, service->second});
  });
}

}  // namespace skiff::controllers
