// SPDX-License-Identifier: Apache-2.0
// DefaultPreemption: says of each node why no pod of it makes way. None is evicted yet.
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

std::string why_not(const PodInfo& pod, const NodeInfo& node, const Verdict& verdict) {
  if (verdict.unresolvable) return "Preemption is not helpful for scheduling";
  const int32_t priority = pod.pod->spec.priority.value_or(0);
  for (const auto& [key, present] : node.pods)
    if (present->pod->spec.priority.value_or(0) < priority) return "Preemption is not supported";
  return "No preemption victims found for incoming pod";
}

class DefaultPreemption final : public PostFilterPlugin {
 public:
  std::string_view name() const override { return "DefaultPreemption"; }
  Reasons post_filter(const PodInfo& pod, const RefusedNodes& refused) const override {
    Reasons reasons;
    for (const auto& [node, verdict] : refused) ++reasons[why_not(pod, *node, verdict)];
    return reasons;
  }
};

}  // namespace

std::shared_ptr<const PostFilterPlugin> default_preemption() {
  return std::make_shared<DefaultPreemption>();
}

}  // namespace skiff::scheduler
