// SPDX-License-Identifier: Apache-2.0
// NodeAffinity: nodeSelector and required node affinity filter, preferred node affinity scores.
#include <algorithm>
#include <charconv>

#include "controller/scheduler/plugins/node_selector.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

std::optional<int64_t> integer(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `value` null: the label is absent.
bool holds(const api::NodeSelectorRequirement& requirement, const std::string* value) {
  const std::string& op = requirement.operator_;
  const bool listed =
      value != nullptr && std::find(requirement.values.begin(), requirement.values.end(), *value) !=
                              requirement.values.end();
  if (op == "In") return listed;
  if (op == "NotIn") return !listed;
  if (op == "Exists") return value != nullptr;
  if (op == "DoesNotExist") return value == nullptr;
  if ((op != "Gt" && op != "Lt") || value == nullptr || requirement.values.size() != 1)
    return false;
  const auto have = integer(*value);
  const auto want = integer(requirement.values.front());
  if (!have || !want) return false;
  return op == "Gt" ? *have > *want : *have < *want;
}

const std::string* label(const api::Node& node, const std::string& key) {
  const auto it = node.metadata.labels.find(key);
  return it == node.metadata.labels.end() ? nullptr : &it->second;
}

class NodeAffinity final : public FilterAndScore {
 public:
  std::string_view name() const override { return "NodeAffinity"; }

  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    if (matches_node(pod.pod->spec, *node.node)) return Verdict::fits();
    return Verdict::never("node(s) didn't match Pod's node affinity/selector");
  }

  int64_t score(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    const auto& affinity = pod.pod->spec.affinity;
    if (!affinity || !affinity->nodeAffinity) return 0;
    int64_t total = 0;
    for (const auto& preferred :
         affinity->nodeAffinity->preferredDuringSchedulingIgnoredDuringExecution)
      if (matches(preferred.preference, *node.node)) total += preferred.weight;
    return total;
  }
  void normalize(std::vector<int64_t>& scores) const override { normalize_to_most(scores, false); }
};

}  // namespace

bool matches(const api::NodeSelectorTerm& term, const api::Node& node) {
  if (term.matchExpressions.empty() && term.matchFields.empty()) return false;
  return std::all_of(term.matchExpressions.begin(), term.matchExpressions.end(),
                     [&](const auto& requirement) {
                       return holds(requirement, label(node, requirement.key));
                     }) &&
         std::all_of(
             term.matchFields.begin(), term.matchFields.end(), [&](const auto& requirement) {
               return requirement.key == "metadata.name" && holds(requirement, &node.metadata.name);
             });
}

bool matches_node(const api::PodSpec& spec, const api::Node& node) {
  for (const auto& [key, value] : spec.nodeSelector) {
    const std::string* have = label(node, key);
    if (have == nullptr || *have != value) return false;
  }
  if (!spec.affinity || !spec.affinity->nodeAffinity) return true;
  const auto& required =
      spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return std::any_of(required->nodeSelectorTerms.begin(), required->nodeSelectorTerms.end(),
                     [&](const api::NodeSelectorTerm& term) { return matches(term, node); });
}

std::shared_ptr<const FilterAndScore> node_affinity() {
  return std::make_shared<NodeAffinity>();
}

}  // namespace skiff::scheduler
