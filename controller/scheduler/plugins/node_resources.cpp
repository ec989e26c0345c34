// SPDX-License-Identifier: Apache-2.0
// NodeResourcesFit (with the LeastAllocated score) and NodeResourcesBalancedAllocation.
#include <cmath>

#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

class NodeResourcesFit final : public FilterAndScore {
 public:
  std::string_view name() const override { return "NodeResourcesFit"; }

  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const Resources& wants = pod.requests;
    if (static_cast<int64_t>(node.pods.size()) + 1 > node.allocatable_pods)
      return Verdict::refuses("Too many pods");
    if (lacks(wants.millicpu, node.requested.millicpu, node.allocatable.millicpu))
      return Verdict::refuses("Insufficient cpu");
    if (lacks(wants.memory_bytes, node.requested.memory_bytes, node.allocatable.memory_bytes))
      return Verdict::refuses("Insufficient memory");
    if (lacks(wants.ephemeral_storage_bytes, node.requested.ephemeral_storage_bytes,
              node.allocatable.ephemeral_storage_bytes))
      return Verdict::refuses("Insufficient ephemeral-storage");
    for (const auto& [name, amount] : wants.extended)
      if (lacks(amount, amount_of(node.requested, name), amount_of(node.allocatable, name)))
        return Verdict::refuses("Insufficient " + name);
    return Verdict::fits();
  }

  // LeastAllocated over CPU and memory, weight 1 each: emptier nodes score higher.
  int64_t score(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const Resources& wants = pod.scoring_requests;
    return (free_share(wants.millicpu + node.scoring_requested.millicpu,
                       node.allocatable.millicpu) +
            free_share(wants.memory_bytes + node.scoring_requested.memory_bytes,
                       node.allocatable.memory_bytes)) /
           2;
  }

 private:
  static bool lacks(int64_t wanted, int64_t requested, int64_t allocatable) {
    return wanted > 0 && wanted > allocatable - requested;
  }
  static int64_t amount_of(const Resources& resources, const std::string& name) {
    const auto it = resources.extended.find(name);
    return it == resources.extended.end() ? 0 : it->second;
  }
  static int64_t free_share(int64_t used, int64_t allocatable) {
    if (allocatable <= 0 || used > allocatable) return 0;
    return static_cast<int64_t>(static_cast<double>(allocatable - used) * kMost /
                                static_cast<double>(allocatable));
  }
};

class BalancedAllocation final : public ScorePlugin {
 public:
  std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }

  // 100 where CPU and memory would be used to the same fraction, less the further they are apart.
  // With two resources the standard deviation is half their distance.
  int64_t score(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const Resources& wants = pod.requests;
    const double cpu =
        fraction(wants.millicpu + node.requested.millicpu, node.allocatable.millicpu);
    const double memory =
        fraction(wants.memory_bytes + node.requested.memory_bytes, node.allocatable.memory_bytes);
    return static_cast<int64_t>((1 - std::abs(cpu - memory) / 2) * kMost);
  }

 private:
  static double fraction(int64_t used, int64_t allocatable) {
    return allocatable <= 0
               ? 1
               : std::min(1.0, static_cast<double>(used) / static_cast<double>(allocatable));
  }
};

}  // namespace

std::shared_ptr<const FilterAndScore> node_resources_fit() {
  return std::make_shared<NodeResourcesFit>();
}
std::shared_ptr<const ScorePlugin> balanced_allocation() {
  return std::make_shared<BalancedAllocation>();
}

}  // namespace skiff::scheduler
