// SPDX-License-Identifier: Apache-2.0
// TaintToleration: NoSchedule and NoExecute taints keep pods off; PreferNoSchedule taints only cost
// points.
#include <algorithm>

#include "api/core/taints.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {

namespace {

class TaintToleration final : public FilterAndScore {
 public:
  std::string_view name() const override { return "TaintToleration"; }

  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    for (const api::Taint& taint : node.node->spec.taints) {
      if (taint.effect != "NoSchedule" && taint.effect != "NoExecute") continue;
      if (!api::tolerated(pod.pod->spec.tolerations, taint))
        return Verdict::never(
            fmt::format("node(s) had untolerated taint {{{}: {}}}", taint.key, taint.value));
    }
    return Verdict::fits();
  }

  int64_t score(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    return std::count_if(node.node->spec.taints.begin(), node.node->spec.taints.end(),
                         [&](const api::Taint& taint) {
                           return taint.effect == "PreferNoSchedule" &&
                                  !api::tolerated(pod.pod->spec.tolerations, taint);
                         });
  }
  void normalize(std::vector<int64_t>& scores) const override { normalize_to_most(scores, true); }
};

}  // namespace

std::shared_ptr<const FilterAndScore> taint_toleration() {
  return std::make_shared<TaintToleration>();
}

}  // namespace skiff::scheduler
