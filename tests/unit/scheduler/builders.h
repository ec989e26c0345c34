// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/scheduler/cache.h"
#include "controller/scheduler/framework.h"
#include "tests/builders/pod_builder.h"

namespace skiff::scheduler {

inline api::Node make_node(const std::string& name, const std::string& cpu = "4",
                           const std::string& memory = "8Gi", int64_t pods = 110) {
  api::Node node;
  node.metadata.name = name;
  node.metadata.labels["kubernetes.io/hostname"] = name;
  node.status.allocatable = {{"cpu", *api::Quantity::parse(cpu)},
                             {"memory", *api::Quantity::parse(memory)},
                             {"pods", api::Quantity::of(pods)}};
  return node;
}

inline api::Taint taint(std::string key, std::string value, std::string effect) {
  api::Taint taint;
  taint.key = std::move(key);
  taint.value = std::move(value);
  taint.effect = std::move(effect);
  return taint;
}

inline api::Toleration toleration(std::string key, std::string operator_, std::string value,
                                  std::string effect) {
  api::Toleration toleration;
  toleration.key = std::move(key);
  toleration.operator_ = std::move(operator_);
  toleration.value = std::move(value);
  toleration.effect = std::move(effect);
  return toleration;
}

// A cache of these nodes and of the pods on them.
struct Cluster {
  Cluster(const std::vector<api::Node>& nodes, const std::vector<api::Pod>& pods) {
    for (const api::Node& node : nodes) cache.set_node(std::make_shared<const api::Node>(node));
    for (const api::Pod& pod : pods) cache.set_pod(std::make_shared<const api::Pod>(pod));
  }
  Nodes nodes() const { return cache.nodes(); }

  Cache cache;
};

}  // namespace skiff::scheduler
