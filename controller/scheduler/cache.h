// SPDX-License-Identifier: Apache-2.0
// What the scheduler knows of nodes and of the pods on them, bound and assumed. A pod is assumed
// the moment a node is chosen, so that the next pod sees it before the binding is written.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/core/node.h"
#include "api/core/pod.h"
#include "controller/scheduler/resources.h"
#include "kube/object_key.h"

namespace skiff::scheduler {

using PodPtr = std::shared_ptr<const api::Pod>;
using NodePtr = std::shared_ptr<const api::Node>;

// A pod with what the plugins ask for again and again, worked out once.
struct PodInfo {
  explicit PodInfo(PodPtr pod);

  PodPtr pod;
  Resources requests;
  Resources scoring_requests;
  std::vector<api::ContainerPort> host_ports;  // only those with a hostPort
};

using PodInfoPtr = std::shared_ptr<const PodInfo>;

struct NodeInfo {
  NodePtr node;  // null: pods are known on a node that is not (yet, or any more)
  Resources allocatable;
  int64_t allocatable_pods = 0;
  Resources requested;
  Resources scoring_requested;
  std::map<kube::ObjectKey, std::shared_ptr<const PodInfo>> pods;

  void set_node(NodePtr updated);
  void add(const std::shared_ptr<const PodInfo>& pod);
  void remove(const kube::ObjectKey& key);
};

class Cache {
 public:
  void set_node(const NodePtr& node);
  void remove_node(const std::string& name);
  // A pod that has a node. Replaces what was known or assumed of it.
  void set_pod(const PodPtr& pod);
  void remove_pod(const kube::ObjectKey& key);
  // `pod` is as good as on `node`, until set_pod or remove_pod says what became of it.
  void assume(const std::shared_ptr<const PodInfo>& pod, const std::string& node);
  // Takes an assumption back; what set_pod has said meanwhile stays.
  void forget(const kube::ObjectKey& key);
  bool knows(const kube::ObjectKey& key) const { return node_of_.contains(key); }

  // Nodes that exist, by name.
  std::vector<const NodeInfo*> nodes() const;

 private:
  void place(const std::shared_ptr<const PodInfo>& pod, const std::string& node);

  std::map<std::string, NodeInfo> nodes_;
  std::unordered_map<kube::ObjectKey, std::string> node_of_;
  std::set<kube::ObjectKey> assumed_;
};

}  // namespace skiff::scheduler
