// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/cache.h"

namespace skiff::scheduler {
namespace {

void collect_host_ports(const std::vector<api::Container>& containers,
                        std::vector<api::ContainerPort>& into) {
  for (const api::Container& container : containers)
    for (const api::ContainerPort& port : container.ports)
      if (port.hostPort != 0) into.push_back(port);
}

}  // namespace

PodInfo::PodInfo(PodPtr pod_)
    : pod(std::move(pod_)),
      requests(requests_of(pod->spec)),
      scoring_requests(scoring_requests_of(pod->spec)) {
  collect_host_ports(pod->spec.containers, host_ports);
  for (const api::Container& container : pod->spec.initContainers)
    if (container.restartPolicy == "Always") collect_host_ports({container}, host_ports);
}

void NodeInfo::set_node(NodePtr updated) {
  node = std::move(updated);
  allocatable = resources_of(node->status.allocatable);
  const auto pods_allowed = node->status.allocatable.find("pods");
  allocatable_pods =
      pods_allowed == node->status.allocatable.end() ? 0 : pods_allowed->second.value();
}

void NodeInfo::add(const std::shared_ptr<const PodInfo>& pod) {
  if (!pods.emplace(kube::key_of(*pod->pod), pod).second) return;
  requested += pod->requests;
  scoring_requested += pod->scoring_requests;
}

void NodeInfo::remove(const kube::ObjectKey& key) {
  const auto it = pods.find(key);
  if (it == pods.end()) return;
  requested -= it->second->requests;
  scoring_requested -= it->second->scoring_requests;
  pods.erase(it);
}

void Cache::set_node(const NodePtr& node) {
  nodes_[node->metadata.name].set_node(node);
}

void Cache::remove_node(const std::string& name) {
  const auto it = nodes_.find(name);
  if (it == nodes_.end()) return;
  it->second.node = nullptr;
  if (it->second.pods.empty()) nodes_.erase(it);
}

void Cache::set_pod(const PodPtr& pod) {
  remove_pod(kube::key_of(*pod));
  // A pod that has ended holds nothing.
  if (pod->status.phase == "Succeeded" || pod->status.phase == "Failed") return;
  place(std::make_shared<const PodInfo>(pod), pod->spec.nodeName);
}

void Cache::remove_pod(const kube::ObjectKey& key) {
  assumed_.erase(key);
  const auto it = node_of_.find(key);
  if (it == node_of_.end()) return;
  const auto node = nodes_.find(it->second);
  if (node != nodes_.end()) {
    node->second.remove(key);
    if (!node->second.node && node->second.pods.empty()) nodes_.erase(node);
  }
  node_of_.erase(it);
}

void Cache::assume(const std::shared_ptr<const PodInfo>& pod, const std::string& node) {
  const kube::ObjectKey key = kube::key_of(*pod->pod);
  remove_pod(key);
  place(pod, node);
  assumed_.insert(key);
}

void Cache::forget(const kube::ObjectKey& key) {
  if (assumed_.contains(key)) remove_pod(key);
}

void Cache::place(const std::shared_ptr<const PodInfo>& pod, const std::string& node) {
  nodes_[node].add(pod);
  node_of_[kube::key_of(*pod->pod)] = node;
}

std::vector<const NodeInfo*> Cache::nodes() const {
  std::vector<const NodeInfo*> all;
  all.reserve(nodes_.size());
  for (const auto& [name, info] : nodes_)
    if (info.node) all.push_back(&info);
  return all;
}

}  // namespace skiff::scheduler
