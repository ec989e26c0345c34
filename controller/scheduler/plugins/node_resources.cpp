// SPDX-License-Identifier: Apache-2.0
// NodeResourcesFit (with the LeastAllocated score) and NodeResourcesBalancedAllocation.
#include <fmt/format.h>

#include <cmath>

#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

class NodeResourcesFit final : public FilterAndScore {
 public:
  std::string_view name() const override { return "NodeResourcesFit"; }

  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const Resources& wants = pod.requests;
    const Resources& used = node.requested;
    const Resources& all = node.allocatable;
    Verdict verdict;
    if (static_cast<int64_t>(node.pods.size()) + 1 > node.allocatable_pods)
      verdict.add("Too many pods", false);
    check("cpu", wants.millicpu, used.millicpu, all.millicpu, verdict);
    check("memory", wants.memory_bytes, used.memory_bytes, all.memory_bytes, verdict);
    check("ephemeral-storage", wants.ephemeral_storage_bytes, used.ephemeral_storage_bytes,
          all.ephemeral_storage_bytes, verdict);
    for (const auto& [name, amount] : wants.extended)
      check(name, amount, amount_of(used, name), amount_of(all, name), verdict);
    return verdict;
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
  // What the node does not have even when empty no preemption can make.
  static void check(std::string_view name, int64_t wanted, int64_t requested, int64_t allocatable,
                    Verdict& verdict) {
    if (wanted > 0 && wanted > allocatable - requested)
      verdict.add(fmt::format("Insufficient {}", name), wanted > allocatable);
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
