// SPDX-License-Identifier: Apache-2.0
#include "agent/stores.h"

#include "agent/trim.h"
#include "kube/endpoint_slices.h"
#include "kube/reflector.h"

namespace skiff::agent {
namespace {

constexpr const char* kByPod = "pod";

// The UID of the pod behind an endpoint, or nothing.
std::string pod_of(const api::Endpoint& endpoint) {
  return endpoint.targetRef ? endpoint.targetRef->uid : "";
}

std::vector<std::string> pods_of_slice(const api::EndpointSlice& slice) {
  std::vector<std::string> uids;
  for (const api::Endpoint& endpoint : slice.endpoints)
    if (std::string uid = pod_of(endpoint); !uid.empty()) uids.push_back(std::move(uid));
  return uids;
}

}  // namespace

Stores::Stores(const Executor& executor)
    : pods(executor),
      services(executor, kube::Keep::kPacked),
      slices(executor, kube::Keep::kPacked),
      nodes(executor),
      runtime_classes(executor) {
  slices.add_index(kByPod, pods_of_slice);
}

void Stores::start(const Executor& executor, const Config& config,
                   const std::shared_ptr<kube::Transport>& transport) {
  // Whoever makes, attaches or names pods.
  if (config.has(Role::kKubelet) || config.has(Role::kNetwork) || config.has(Role::kTrace))
    kube::start_reflector(executor, transport, pods,
                          {.field_selector = "spec.nodeName=" + config.node_name});
  // Whoever makes or attaches them.
  if (config.has(Role::kKubelet) || config.has(Role::kNetwork))
    kube::start_reflector(executor, transport, runtime_classes);
  kube::start_reflector<api::Service>(executor, transport, services, {},
                                      [](api::Service& service) { trim(service); });
  kube::start_endpoint_slices(executor, transport, slices, {},
                              [](api::EndpointSlice& slice) { trim(slice); });
  kube::start_reflector(executor, transport, nodes);
}

kubelet::Served Stores::served(const std::string& uid) const {
  auto answer = kubelet::Served::kNo;
  for (const auto& slice : slices.by_index(kByPod, uid)) {
    answer = kubelet::Served::kLeaving;
    for (const api::Endpoint& endpoint : slice->endpoints)
      if (pod_of(endpoint) == uid && endpoint.conditions.ready.value_or(true))
        return kubelet::Served::kYes;
  }
  return answer;
}

}  // namespace skiff::agent
