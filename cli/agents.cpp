// SPDX-License-Identifier: Apache-2.0
#include "cli/agents.h"

namespace skiff::cli {
namespace {

constexpr const char* kPortName = "agent";

uint16_t port_of(const api::Pod& pod) {
  for (const api::Container& container : pod.spec.containers)
    for (const api::ContainerPort& port : container.ports)
      if (port.name == kPortName) return static_cast<uint16_t>(port.containerPort);
  return 0;
}

}  // namespace

std::string service_account(Right right) {
  return right == Right::kCapture ? "skiff-capturer" : "skiff-observer";
}

std::map<std::string, AgentPod> agent_pods(const std::vector<api::Pod>& pods) {
  std::map<std::string, const api::Pod*> youngest;
  for (const api::Pod& pod : pods) {
    if (pod.status.phase != "Running" || pod.metadata.deletionTimestamp || port_of(pod) == 0)
      continue;
    const api::Pod*& known = youngest[pod.spec.nodeName];
    if (known == nullptr ||
        known->metadata.creationTimestamp.at < pod.metadata.creationTimestamp.at)
      known = &pod;
  }
  std::map<std::string, AgentPod> agents;
  for (const auto& [node, pod] : youngest)
    agents[node] = {pod->metadata.namespace_, pod->metadata.name, port_of(*pod)};
  return agents;
}

std::string proxy_path(const AgentPod& pod, const std::string& path) {
  return fmt::format("/api/v1/namespaces/{}/pods/https:{}:{}/proxy{}", pod.namespace_, pod.name,
                     pod.port, path);
}

}  // namespace skiff::cli
