// SPDX-License-Identifier: Apache-2.0
// SchedulingGates, NodeUnschedulable, NodeName: one question each.
#include <fmt/ranges.h>

#include "api/core/taints.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

class SchedulingGates final : public PreEnqueuePlugin {
 public:
  std::string_view name() const override { return "SchedulingGates"; }
  Verdict pre_enqueue(const api::Pod& pod) const override {
    if (pod.spec.schedulingGates.empty()) return Verdict::fits();
    std::vector<std::string> names;
    for (const auto& gate : pod.spec.schedulingGates) names.push_back(gate.name);
    return Verdict::never(fmt::format("waiting for scheduling gates: [{}]", fmt::join(names, " ")));
  }
};

class NodeUnschedulable final : public FilterPlugin {
 public:
  std::string_view name() const override { return "NodeUnschedulable"; }
  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    if (!node.node->spec.unschedulable) return Verdict::fits();
    api::Taint cordoned;
    cordoned.key = "node.kubernetes.io/unschedulable";
    cordoned.effect = "NoSchedule";
    if (api::tolerated(pod.pod->spec.tolerations, cordoned)) return Verdict::fits();
    return Verdict::never("node(s) were unschedulable");
  }
};

class NodeName final : public FilterPlugin {
 public:
  std::string_view name() const override { return "NodeName"; }
  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const std::string& wanted = pod.pod->spec.nodeName;
    if (wanted.empty() || wanted == node.node->metadata.name) return Verdict::fits();
    return Verdict::never("node(s) didn't match the requested node name");
  }
};

}  // namespace

std::shared_ptr<const PreEnqueuePlugin> scheduling_gates() {
  return std::make_shared<SchedulingGates>();
}
std::shared_ptr<const FilterPlugin> node_unschedulable() {
  return std::make_shared<NodeUnschedulable>();
}
std::shared_ptr<const FilterPlugin> node_name() {
  return std::make_shared<NodeName>();
}

}  // namespace skiff::scheduler
