// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy at both ends: which policy and rule let a connection pass, or that none does.
#include <algorithm>
#include <map>

#include "cli/why/checks.h"

namespace skiff::cli {
namespace {

constexpr size_t kEndsNamed = 4;

// "10.244.1.7:8080 (shop/web-1)"
std::string with_name(const WhyFacts& facts, const std::string& end) {
  const auto parsed = parse_end(end);
  const auto address = parsed ? Result<IpAddress>(parsed->first) : IpAddress::parse(end);
  if (!address.ok()) return end;
  for (const api::Pod& pod : facts.pods)
    if (!pod.spec.hostNetwork && std::ranges::any_of(pod.status.podIPs, [&](const auto& one) {
          return one.ip == address->to_string();
        }))
      return fmt::format("{} ({}/{})", end, pod.metadata.namespace_, pod.metadata.name);
  return end;
}

std::string isolates(const trace::PolicyFact& fact) {
  return fmt::format("{} {} {}", join(fact.isolating),
                     fact.isolating.size() == 1 ? "isolates" : "isolate", fact.pod);
}

// Without the peers, so that equal answers about several backends are one finding.
std::string outcome(const trace::PolicyFact& fact) {
  if (fact.pending)
    return fmt::format("the policies of {} are not known on its node yet", fact.pod);
  if (fact.isolating.empty()) return fmt::format("no NetworkPolicy isolates {}", fact.pod);
  if (!fact.policy.empty())
    return fmt::format("{} {} allows it: {}", fact.policy, fact.rule, fact.rule_text);
  return fmt::format("{}, and none of their rules has this peer and port", isolates(fact));
}

Finding finding_of(const WhyFacts& facts, const trace::PolicyFact& fact,
                   const std::vector<std::string>& ends) {
  Finding finding{Mark::kOk, fact.egress ? "egress" : "ingress", outcome(fact), ""};
  if (!fact.isolating.empty() || fact.pending) {
    std::vector<std::string> named;
    for (const std::string& end : ends)
      if (named.size() < kEndsNamed) named.push_back(with_name(facts, end));
    if (ends.size() > kEndsNamed) named.push_back(fmt::format("{} more", ends.size() - kEndsNamed));
    finding.fact = fmt::format("{} {}: {}", fact.egress ? "to" : "from", join(named), finding.fact);
  }
  if (!fact.tables_problem.empty()) {
    finding.mark = Mark::kUnknown;
    finding.fact +=
        fmt::format("; the tables in the kernel could not be looked up: {}", fact.tables_problem);
  } else if (fact.tables_differ) {
    finding.mark = Mark::kFail;
    finding.fact += "; the tables in the kernel say otherwise";
    finding.advice = "the agent is behind: its log, and skiff_policy_sync_errors_total, say why";
  } else if (!fact.allowed && !fact.exempt.empty()) {
    finding.fact += fmt::format("; passes all the same: {}", fact.exempt);
  } else if (!fact.allowed) {
    finding.mark = Mark::kFail;
    finding.advice = fact.near_misses.empty()
                         ? fmt::format("a NetworkPolicy must allow it: `kubectl get netpol -n {}`",
                                       fact.pod.substr(0, fact.pod.find('/')))
                         : fmt::format("nearly: {}", join(fact.near_misses));
  }
  return finding;
}

void add_findings(const WhyFacts& facts, const std::vector<trace::PolicyFact>& policies,
                  bool egress, Findings& findings) {
  std::vector<std::pair<const trace::PolicyFact*, std::vector<std::string>>> groups;
  for (const trace::PolicyFact& fact : policies) {
    if (fact.egress != egress) continue;
    const auto same = std::ranges::find_if(groups, [&](const auto& group) {
      return outcome(*group.first) == outcome(fact) && group.first->exempt == fact.exempt &&
             group.first->tables_differ == fact.tables_differ &&
             group.first->tables_problem == fact.tables_problem;
    });
    const std::string end = egress ? fact.to : fact.from;
    if (same == groups.end()) {
      groups.push_back({&fact, {end}});
    } else {
      same->second.push_back(end);
    }
  }
  for (const auto& [fact, ends] : groups) findings.push_back(finding_of(facts, *fact, ends));
}

}  // namespace

void check_policy(const WhyFacts& facts, Findings& findings) {
  if (!facts.node->policy_enforced) {
    findings.push_back(
        {Mark::kOk, "policy", "not enforced on this node: its agent has no role policy", ""});
    return;
  }
  add_findings(facts, facts.node->policies, true, findings);
  std::vector<trace::PolicyFact> ingress = facts.node->policies;
  for (const Arrival& arrival : facts.arrivals)
    if (arrival.facts)
      ingress.insert(ingress.end(), arrival.facts->policies.begin(), arrival.facts->policies.end());
  add_findings(facts, ingress, false, findings);
}

}  // namespace skiff::cli
