// SPDX-License-Identifier: Apache-2.0
#include "cli/why/plan.h"

#include <algorithm>

#include "cli/why/checks.h"

namespace skiff::cli {
namespace {

const char* mark_of(Mark mark) {
  switch (mark) {
    case Mark::kOk:
      return "ok  ";
    case Mark::kNote:
      return "note";
    case Mark::kFail:
      return "FAIL";
    case Mark::kUnknown:
      return "?   ";
  }
  return "";
}

std::string summary(const std::vector<Finding>& findings, const WhyFacts& facts) {
  const std::string pod = full_name(facts.pod.metadata);
  const auto failed = std::ranges::find(findings, Mark::kFail, &Finding::mark);
  if (failed != findings.end())
    return fmt::format("{} does not reach {}: {}", pod, facts.target.text, failed->fact);
  if (std::ranges::find(findings, Mark::kUnknown, &Finding::mark) != findings.end())
    return fmt::format("nothing found that keeps {} from {}, but not all could be seen", pod,
                       facts.target.text);
  return fmt::format(
      "{} reaches {}: nothing in the way; whether a process answers is for it to say", pod,
      facts.target.text);
}

}  // namespace

std::optional<IpAddress> source_of(const api::Pod& pod, const Target& target) {
  std::optional<IpAddress> first;
  for (const api::PodIP& one : pod.status.podIPs) {
    const auto ip = IpAddress::parse(one.ip);
    if (!ip.ok()) continue;
    if (target.address && target.address->is_v4() == ip->is_v4()) return *ip;
    if (!first) first = *ip;
  }
  return first;
}

std::vector<Finding> plan(const WhyFacts& facts) {
  std::vector<Finding> findings;
  check_pod(facts, findings);
  const auto source = source_of(facts.pod, facts.target);
  const Destination to =
      find_destination(facts.target, facts.services, facts.pods, source.value_or(IpAddress::v4(0)));
  check_name(facts, to, findings);
  if (to.service != nullptr) {
    check_service(facts, to, findings);
    check_endpoints(facts, to, findings);
  } else if (to.pod != nullptr) {
    check_target_pod(to, findings);
  }
  if (!source) return findings;
  check_node(facts, findings);
  if (!facts.node) return findings;
  if (!to.address.is_unspecified()) {
    check_maps(facts, to, findings);
    check_policy(facts, findings);
    check_routes(facts, findings);
    check_flows(facts, findings);
    check_drops(facts, findings);
    check_probe(facts, findings);
    check_outside(facts, findings);
    check_arrivals(facts, findings);
  }
  return findings;
}

std::string print(const std::vector<Finding>& findings, const WhyFacts& facts) {
  std::string text;
  for (size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    text += fmt::format("{:>2}. {} {:<10} {}\n", i + 1, mark_of(finding.mark), finding.check,
                        finding.fact);
    if (!finding.advice.empty()) text += fmt::format("{:>20}-> {}\n", "", finding.advice);
  }
  return text + "\n" + summary(findings, facts) + "\n";
}

}  // namespace skiff::cli
