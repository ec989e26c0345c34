// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/why/checks.h"

namespace skiff::cli {
namespace {

constexpr double kRecentSeconds = 60;

bool is_node_address(const WhyFacts& facts, const IpAddress& address) {
  return std::ranges::any_of(facts.nodes, [&](const api::Node& node) {
    return std::ranges::any_of(node.status.addresses, [&](const api::NodeAddress& one) {
      const auto ip = IpAddress::parse(one.address);
      return ip.ok() && *ip == address;
    });
  });
}

}  // namespace

std::string advice_for(const std::string& reason) {
  if (reason == "no_endpoints") return "the Service needs a ready pod: see `endpoints`";
  if (reason == "no_local_endpoints")
    return "its traffic policy is Local and no endpoint runs on this node";
  if (reason == "unknown_service_port") return "no Service has this address and port";
  if (reason == "source_range") return "the client is outside loadBalancerSourceRanges";
  if (reason == "bad_source") return "the pod must send from its own address";
  if (reason.find("policy") != std::string::npos)
    return "a NetworkPolicy must allow it: `kubectl get networkpolicies -A`";
  return "`skiff drops` shows what else is lost for this reason";
}

void check_node(const WhyFacts& facts, Findings& findings) {
  Finding finding{Mark::kOk, "node", "", ""};
  const std::string& name = facts.pod.spec.nodeName;
  if (!facts.node) {
    finding.mark = Mark::kUnknown;
    finding.fact = fmt::format("{} cannot be asked: {}", name, facts.node_problem);
    finding.advice = "is its agent running? `skiff status`, `kubectl get nodes`";
  } else if (!facts.node->has_datapath) {
    finding.mark = Mark::kUnknown;
    finding.fact = fmt::format("the agent of {} runs neither proxy nor network", name);
  } else if (!facts.node->not_ready_because.empty()) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("{}: {}", name, facts.node->not_ready_because);
    finding.advice = "the agent's log says what it waits for";
  } else if (!facts.node->problem.empty()) {
    finding.mark = Mark::kUnknown;
    finding.fact = fmt::format("{} cannot read its tables: {}", name, facts.node->problem);
    finding.advice = "what follows is what it could tell; the agent's log says more";
  } else if (facts.node->other_cni) {
    finding.fact = fmt::format("{} answers, its agent is ready; another CNI attaches pods", name);
  } else if (!facts.node->source_known && !facts.pod.spec.hostNetwork) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("{} does not have the pod in its tables", name);
    finding.advice =
        "was the pod attached by another CNI plugin? Delete it, so that it is made anew";
  } else {
    finding.fact = fmt::format("{} answers, its agent is ready, the pod is attached", name);
  }
  findings.push_back(std::move(finding));
}

void check_maps(const WhyFacts& facts, const Destination& to, Findings& findings) {
  if (!facts.node->has_datapath || !facts.node->problem.empty()) return;
  const trace::FrontendFact& frontend = facts.node->frontend;
  Finding finding{Mark::kOk, "tables", "", ""};
  if (to.service != nullptr && to.service_port == nullptr && to.port == 0)
    return;  // no number to look up
  const std::string where =
      fmt::format("{} port {}/{}", to.address.to_string(), to.port, to.protocol);
  if (!frontend.found) {
    const bool headless = to.service != nullptr && to.service->spec.clusterIP == "None";
    const bool expected = frontend.refuses_other_ports || (to.service != nullptr && !headless);
    if (!expected) {
      finding.fact = fmt::format("{} is no Service's address{}: not translated", where,
                                 is_node_address(facts, to.address) ? " (it is a node's)" : "");
    } else {
      finding.mark = Mark::kFail;
      finding.fact = fmt::format("no entry for {}: connections are refused", where);
      finding.advice = to.service_port != nullptr ? "the agent has not written it: its log says why"
                                                  : "no Service has this port; see `service`";
    }
  } else if (frontend.backends.empty()) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("{} is known and has no backend: {}", where,
                               frontend.drops_when_empty ? "packets are dropped" : "refused");
    finding.advice = frontend.drops_when_empty
                         ? "endpoints exist on other nodes only and the traffic policy is Local"
                         : "see `endpoints`";
  } else {
    finding.fact = fmt::format("{} leads to {}", where, join(frontend.backends));
    if (frontend.affinity_seconds != 0)
      finding.fact += fmt::format("; a client stays with one for {} s", frontend.affinity_seconds);
  }
  findings.push_back(std::move(finding));
}

void check_routes(const WhyFacts& facts, Findings& findings) {
  for (const trace::RouteFact& route : facts.node->routes) {
    Finding finding{Mark::kOk, "route", "", ""};
    finding.fact = fmt::format("to {}: {}", route.destination, route.route);
    if (!route.usable) {
      finding.mark = Mark::kFail;
      finding.fact = fmt::format("no way to {}: {}", route.destination,
                                 route.route.empty() ? route.problem : route.route);
      finding.advice =
          "`ip route` on the node; is the other node Ready and does it have a podCIDR?";
    }
    findings.push_back(std::move(finding));
  }
}

void check_flows(const WhyFacts& facts, Findings& findings) {
  const auto& flows = facts.node->flows;
  if (!facts.node->has_datapath || !facts.node->problem.empty()) return;
  Finding finding{Mark::kOk, "flows", "", ""};
  if (flows.empty()) {
    finding.fact = "none is tracked: sockets are translated when they connect";
  } else {
    const trace::FlowFact& last = flows.front();
    finding.fact = fmt::format("{} as {}: {}, {} packets there, {} back, {:.0f} s ago",
                               last.original, last.translated, last.state, last.packets_forward,
                               last.packets_reply, last.idle_seconds);
    if (last.packets_forward > 2 && last.packets_reply == 0) {
      finding.mark = Mark::kNote;
      finding.advice = "packets leave and nothing comes back: look at the backend's node";
    }
  }
  findings.push_back(std::move(finding));
}

void check_drops(const WhyFacts& facts, Findings& findings) {
  const auto& drops = facts.node->drops;
  Finding finding{Mark::kOk, "drops", "", ""};
  if (drops.empty()) {
    finding.fact = "none seen between the two";
  } else {
    const trace::DropFact& last = drops.back();
    finding.fact =
        fmt::format("{} {} {:.0f} s ago: {} at {}{}", last.packet,
                    last.refused ? "refused" : "dropped", last.seconds_ago, last.reason, last.place,
                    drops.size() > 1 ? fmt::format("; {} in all", drops.size()) : "");
    finding.mark = last.seconds_ago < kRecentSeconds ? Mark::kNote : Mark::kOk;
    if (finding.mark == Mark::kNote) finding.advice = advice_for(last.reason);
  }
  findings.push_back(std::move(finding));
}

void check_probe(const WhyFacts& facts, Findings& findings) {
  const trace::ProbeFact& probe = facts.node->probe;
  if (!facts.node->has_datapath || facts.pod.spec.hostNetwork) return;
  Finding finding{Mark::kOk, "program", "", ""};
  if (facts.node->other_cni) {
    finding.fact =
        "none sees the pod's packets: its sockets are translated, another CNI has the rest";
  } else if (!probe.ran) {
    finding.mark = Mark::kUnknown;
    finding.fact = "could not be asked: " + probe.problem;
  } else {
    finding.fact = fmt::format("{} is {}", probe.sent, probe.verdict);
    if (probe.verdict == "delivered" && probe.came_out != probe.sent)
      finding.fact += " as " + probe.came_out;
    if (!probe.reason.empty()) {
      finding.mark = Mark::kFail;
      finding.fact += fmt::format(": {} ({})", probe.reason, probe.reason_text);
      finding.advice = advice_for(probe.reason);
    }
  }
  findings.push_back(std::move(finding));
}

// Of what somebody else meets it says no more than a note.
void check_outside(const WhyFacts& facts, Findings& findings) {
  const trace::OutsideFact& outside = facts.node->outside;
  if (!outside.asked) return;
  const trace::ProbeFact& probe = outside.probe;
  Finding finding{Mark::kOk, "outside", "", ""};
  if (!probe.ran) {
    finding.mark = Mark::kNote;
    finding.fact = "the program could not be asked for clients outside: " + probe.problem;
  } else if (!probe.reason.empty()) {
    finding.mark = Mark::kNote;
    finding.fact = fmt::format("{} of a client outside is {}: {} ({})", probe.sent, probe.verdict,
                               probe.reason, probe.reason_text);
    finding.advice = advice_for(probe.reason);
  } else {
    finding.fact = fmt::format("{} of a client outside is {}", probe.sent, probe.verdict);
    if (probe.verdict == "carried")
      finding.fact += " as it came to the node of its pod";
    else if (probe.came_out != probe.sent)
      finding.fact += " as " + probe.came_out;
    finding.fact += outside.direct ? "; the pod's node answers it (--load-balancer-mode=dsr)"
                                   : "; answers come back through this node";
    if (outside.in_driver) finding.fact += ", established connections in the device's driver";
  }
  findings.push_back(std::move(finding));
}

void check_arrivals(const WhyFacts& facts, Findings& findings) {
  for (const Arrival& arrival : facts.arrivals) {
    Finding finding{Mark::kOk, "arrival", "", ""};
    if (!arrival.facts) {
      finding.mark = Mark::kUnknown;
      finding.fact = fmt::format("{}, node of {}, cannot be asked: {}", arrival.node, arrival.to,
                                 arrival.problem);
      finding.advice = "is its agent running? `skiff status`, `kubectl get nodes`";
      findings.push_back(std::move(finding));
      continue;
    }
    const trace::ProbeFact& probe = arrival.facts->probe;
    if (!arrival.facts->problem.empty()) {
      finding.mark = Mark::kUnknown;
      finding.fact =
          fmt::format("{} cannot read its tables: {}", arrival.node, arrival.facts->problem);
    } else if (!probe.ran) {
      finding.fact =
          fmt::format("{} was not asked for {}: {}", arrival.node, arrival.to, probe.problem);
    } else {
      finding.fact = fmt::format("on {} {} is {}", arrival.node, probe.sent, probe.verdict);
      if (!probe.reason.empty()) {
        finding.mark = Mark::kFail;
        finding.fact += fmt::format(": {} ({})", probe.reason, probe.reason_text);
        finding.advice = advice_for(probe.reason);
      }
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace skiff::cli
