// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/cycle.h"

#include <algorithm>

namespace skiff::scheduler {
namespace {

// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).`
std::string histogram(size_t nodes, const Reasons& reasons) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : reasons) parts.push_back(fmt::format("{} {}", count, reason));
  std::sort(parts.begin(), parts.end());
  return fmt::format("0/{} nodes are available: {}.", nodes, fmt::join(parts, ", "));
}

Nodes feasible_nodes(const Profile& profile, const PodInfo& pod, const Nodes& nodes,
                     RefusedNodes& refused) {
  std::vector<StatePtr> states;
  for (const auto& plugin : profile.filters) states.push_back(plugin->pre_filter(pod, nodes));
  Nodes feasible;
  for (const NodeInfo* node : nodes) {
    Verdict verdict;
    for (size_t i = 0; i < profile.filters.size() && verdict.ok(); ++i)
      verdict = profile.filters[i]->filter(pod, *node, states[i].get());
    if (verdict.ok()) {
      feasible.push_back(node);
    } else {
      refused.emplace_back(node, std::move(verdict));
    }
  }
  return feasible;
}

void explain(const Profile& profile, const PodInfo& pod, const RefusedNodes& refused,
             Decision& decision) {
  for (const auto& [node, verdict] : refused) {
    ++decision.reasons[verdict.reason];
    for (const std::string& reason : verdict.more) ++decision.reasons[reason];
  }
  for (const auto& plugin : profile.post_filters)
    decision.preemption.merge(plugin->post_filter(pod, refused));
}

std::vector<int64_t> total_scores(const Profile& profile, const PodInfo& pod, const Nodes& nodes) {
  std::vector<int64_t> totals(nodes.size(), 0);
  for (const WeightedScore& weighted : profile.scores) {
    const StatePtr state = weighted.plugin->pre_score(pod, nodes);
    std::vector<int64_t> scores;
    scores.reserve(nodes.size());
    for (const NodeInfo* node : nodes)
      scores.push_back(weighted.plugin->score(pod, *node, state.get()));
    weighted.plugin->normalize(scores);
    for (size_t i = 0; i < nodes.size(); ++i) totals[i] += weighted.weight * scores[i];
  }
  return totals;
}

}  // namespace

void normalize_to_most(std::vector<int64_t>& scores, bool reverse) {
  const int64_t largest = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
  for (int64_t& score : scores) {
    if (largest > 0) score = score * ScorePlugin::kMost / largest;
    if (reverse) score = ScorePlugin::kMost - score;
  }
}

std::string Decision::message() const {
  if (nodes == 0) return "no nodes available to schedule pods";
  std::string text = histogram(nodes, reasons) + " preemption: ";
  return text + (may_preempt ? histogram(nodes, preemption)
                             : "not eligible due to preemptionPolicy=Never.");
}

Decision decide(const Profile& profile, const PodInfo& pod, const Nodes& nodes,
                uint64_t tie_breaker) {
  Decision decision;
  decision.nodes = nodes.size();
  decision.may_preempt = pod.pod->spec.preemptionPolicy != "Never";
  RefusedNodes refused;
  const Nodes feasible = feasible_nodes(profile, pod, nodes, refused);
  if (feasible.empty()) {
    explain(profile, pod, refused, decision);
    return decision;
  }
  if (feasible.size() == 1) {
    decision.node = feasible.front()->node->metadata.name;
    return decision;
  }
  const std::vector<int64_t> totals = total_scores(profile, pod, feasible);
  const int64_t best = *std::max_element(totals.begin(), totals.end());
  Nodes tied;
  for (size_t i = 0; i < feasible.size(); ++i)
    if (totals[i] == best) tied.push_back(feasible[i]);
  decision.node = tied[tie_breaker % tied.size()]->node->metadata.name;
  return decision;
}

}  // namespace skiff::scheduler
