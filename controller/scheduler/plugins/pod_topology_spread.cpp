// SPDX-License-Identifier: Apache-2.0
// PodTopologySpread: matching pods are spread over the values of a node label. DoNotSchedule
// constraints filter, the others score; a pod without constraints is spread over hosts and zones by
// the system's defaults.
#include <algorithm>
#include <cmath>
#include <limits>

#include "api/selector.h"
#include "controller/scheduler/plugins/node_selector.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

constexpr const char* kHostname = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

const std::string* topology_value(const NodeInfo& node, const std::string& key) {
  const auto it = node.node->metadata.labels.find(key);
  return it == node.node->metadata.labels.end() ? nullptr : &it->second;
}

struct Constraint {
  std::string key;
  int32_t max_skew = 1;
  int32_t min_domains = 0;
  bool self_matches = false;
  std::map<std::string, int64_t> count;  // matching pods by topology value, over eligible nodes
};

struct Constraints final : State {
  std::vector<Constraint> list;
};

// Which pods a constraint counts.
class Matching {
 public:
  Matching(const api::Pod& pod, const api::TopologySpreadConstraint* constraint) : pod_(pod) {
    if (constraint == nullptr) return;  // system default: pods alike
    selector_ = constraint->labelSelector ? *constraint->labelSelector : api::LabelSelector();
    selects_ = static_cast<bool>(constraint->labelSelector);
    for (const std::string& key : constraint->matchLabelKeys) {
      const auto it = pod.metadata.labels.find(key);
      if (it != pod.metadata.labels.end()) selector_.matchLabels[key] = it->second;
    }
    explicit_ = true;
  }

  bool counts(const api::Pod& other) const {
    if (other.metadata.namespace_ != pod_.metadata.namespace_ || other.metadata.deletionTimestamp)
      return false;
    if (explicit_) return selects_ && api::matches(selector_, other.metadata.labels);
    // kube-scheduler merges the selectors of the pod's services and controllers; pods of one
    // template have the same labels, and so have the bare pods that people put behind one Service.
    return !pod_.metadata.labels.empty() && other.metadata.labels == pod_.metadata.labels;
  }

 private:
  const api::Pod& pod_;
  api::LabelSelector selector_;
  bool explicit_ = false;
  bool selects_ = false;
};

Constraint counted(const PodInfo& pod, const Nodes& nodes, Constraint constraint,
                   const Matching& matching, bool honor_affinity) {
  constraint.self_matches = matching.counts(*pod.pod);
  for (const NodeInfo* node : nodes) {
    const std::string* value = topology_value(*node, constraint.key);
    if (value == nullptr || (honor_affinity && !matches_node(pod.pod->spec, *node->node))) continue;
    int64_t& count = constraint.count[*value];
    for (const auto& [key, other] : node->pods) count += matching.counts(*other->pod);
  }
  return constraint;
}

StatePtr constraints_of(const PodInfo& pod, const Nodes& nodes, std::string_view when) {
  auto constraints = std::make_unique<Constraints>();
  for (const auto& spec : pod.pod->spec.topologySpreadConstraints) {
    if (spec.whenUnsatisfiable != when) continue;
    Constraint constraint{.key = spec.topologyKey,
                          .max_skew = spec.maxSkew,
                          .min_domains = spec.minDomains.value_or(0)};
    const bool honor = spec.nodeAffinityPolicy.value_or("Honor") != "Ignore";
    constraints->list.push_back(
        counted(pod, nodes, std::move(constraint), Matching(*pod.pod, &spec), honor));
  }
  return constraints;
}

class PodTopologySpread final : public FilterAndScore {
 public:
  std::string_view name() const override { return "PodTopologySpread"; }

  StatePtr pre_filter(const PodInfo& pod, const Nodes& nodes) const override {
    return constraints_of(pod, nodes, "DoNotSchedule");
  }

  Verdict filter(const PodInfo&, const NodeInfo& node, const State* state) const override {
    for (const Constraint& constraint : static_cast<const Constraints*>(state)->list) {
      const std::string* value = topology_value(node, constraint.key);
      if (value == nullptr)
        return Verdict::never(
            "node(s) didn't match pod topology spread constraints (missing required label)");
      const auto own = constraint.count.find(*value);
      const int64_t here = own == constraint.count.end() ? 0 : own->second;
      if (here + constraint.self_matches - fewest(constraint) > constraint.max_skew)
        return Verdict::refuses("node(s) didn't match pod topology spread constraints");
    }
    return Verdict::fits();
  }

  StatePtr pre_score(const PodInfo& pod, const Nodes& nodes) const override {
    if (!pod.pod->spec.topologySpreadConstraints.empty())
      return constraints_of(pod, nodes, "ScheduleAnyway");
    auto defaults = std::make_unique<Constraints>();
    const Matching alike(*pod.pod, nullptr);
    defaults->list.push_back(counted(pod, nodes, {.key = kHostname, .max_skew = 3}, alike, false));
    defaults->list.push_back(counted(pod, nodes, {.key = kZone, .max_skew = 5}, alike, false));
    return defaults;
  }

  // The weighted number of matching pods in the node's domains: fewer is better. A topology of more
  // domains weighs more.
  int64_t score(const PodInfo&, const NodeInfo& node, const State* state) const override {
    double total = 0;
    for (const Constraint& constraint : static_cast<const Constraints*>(state)->list) {
      const std::string* value = topology_value(node, constraint.key);
      if (value == nullptr) continue;
      const double weight = std::log(static_cast<double>(constraint.count.size()) + 2);
      total += static_cast<double>(constraint.count.at(*value)) * weight + constraint.max_skew - 1;
    }
    return std::llround(total);
  }
  void normalize(std::vector<int64_t>& scores) const override {
    if (scores.empty()) return;
    const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
    const int64_t smallest = *least;
    const int64_t largest = *most;
    for (int64_t& score : scores)
      score = largest == 0 ? kMost : kMost * (largest + smallest - score) / largest;
  }

 private:
  static int64_t fewest(const Constraint& constraint) {
    if (constraint.count.empty() ||
        static_cast<int32_t>(constraint.count.size()) < constraint.min_domains)
      return 0;
    int64_t least = std::numeric_limits<int64_t>::max();
    for (const auto& [value, count] : constraint.count) least = std::min(least, count);
    return least;
  }
};

}  // namespace

std::shared_ptr<const FilterAndScore> pod_topology_spread() {
  return std::make_shared<PodTopologySpread>();
}

}  // namespace skiff::scheduler
