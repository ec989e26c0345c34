// SPDX-License-Identifier: Apache-2.0
#include "cli/why/why.h"

#include <algorithm>

#include "agent/trace/why_node.h"
#include "cli/api.h"
#include "cli/node_api.h"
#include "cli/why/plan.h"

namespace skiff::cli {
namespace {

constexpr size_t kBackendsAsked = 8;

Result<WhyFacts> fetch_objects(Api& api, const WhyOptions& options) {
  WhyFacts facts;
  ASSIGN_OR_RETURN(facts.target, parse_target(options.target, options.namespace_));
  ASSIGN_OR_RETURN(facts.services, api.list<api::Service>());
  ASSIGN_OR_RETURN(facts.slices, api.list<api::EndpointSlice>());
  ASSIGN_OR_RETURN(facts.pods, api.list<api::Pod>());
  ASSIGN_OR_RETURN(facts.nodes, api.list<api::Node>());
  const auto [ns, name] = parse_name(options.pod, options.namespace_);
  const auto pod = std::ranges::find_if(facts.pods, [&](const api::Pod& one) {
    return one.metadata.namespace_ == ns && one.metadata.name == name;
  });
  if (pod == facts.pods.end())
    return not_found("there is no pod {} in namespace {}: `kubectl get pods -n {}`", name, ns, ns);
  facts.pod = *pod;
  return facts;
}

Result<trace::NodeFacts> ask(Api& api, const WhyFacts& facts, const std::string& name,
                             const trace::WhyQuestion& question) {
  const auto node =
      std::ranges::find(facts.nodes, name, [](const api::Node& one) { return one.metadata.name; });
  if (node == facts.nodes.end()) return not_found("there is no such Node");
  ASSIGN_OR_RETURN(const std::string json, api.ask(*node, "/why", trace::why_query(question)));
  return trace::decode_node_facts(json);
}

trace::WhyQuestion question_of(const WhyFacts& facts, const IpAddress& source) {
  const Destination to = find_destination(facts.target, facts.services, facts.pods, source);
  trace::WhyQuestion question{.source = source, .destination = to.address, .port = to.port};
  question.protocol = protocol_number(to.protocol);
  if (!facts.target.service.empty())
    question.name = facts.target.service + "." + facts.target.namespace_;
  const auto node = std::ranges::find(facts.nodes, facts.pod.spec.nodeName,
                                      [](const api::Node& one) { return one.metadata.name; });
  const auto outside =
      outside_of(facts.target, to, node == facts.nodes.end() ? nullptr : &*node, source.is_v4());
  if (outside) std::tie(question.outside, question.outside_port) = *outside;
  return question;
}

// The node of the pod with that address; empty: nobody's, or a process of the node itself.
std::string node_of(const WhyFacts& facts, const IpAddress& address) {
  for (const api::Pod& pod : facts.pods)
    if (!pod.spec.hostNetwork && pod.status.phase != "Succeeded" && pod.status.phase != "Failed" &&
        std::ranges::any_of(pod.status.podIPs,
                            [&](const api::PodIP& one) { return one.ip == address.to_string(); }))
      return pod.spec.nodeName;
  return "";
}

// The nodes of the backends have a say as well: their policies, their programs.
void ask_backends(Api& api, WhyFacts& facts, const trace::WhyQuestion& question) {
  std::vector<std::string> ends = facts.node->frontend.backends;
  if (!facts.node->frontend.found)
    ends = {trace::SocketAddress{question.destination, question.port}.to_string()};
  for (const std::string& end : ends) {
    const auto to = parse_end(end);
    const std::string node = to ? node_of(facts, to->first) : "";
    if (node.empty() || node == facts.pod.spec.nodeName) continue;
    if (facts.arrivals.size() == kBackendsAsked) break;
    trace::WhyQuestion arriving = question;
    arriving.arriving = true;
    arriving.name.clear();
    arriving.outside = {};
    std::tie(arriving.destination, arriving.port) = *to;
    Arrival arrival{.node = node, .to = end, .facts = std::nullopt, .problem = ""};
    auto answer = ask(api, facts, node, arriving);
    if (answer.ok())
      arrival.facts = *std::move(answer);
    else
      arrival.problem = message(answer.status());
    facts.arrivals.push_back(std::move(arrival));
  }
}

}  // namespace

Status why(const WhyOptions& options, bool& failed) {
  ASSIGN_OR_RETURN(const auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(WhyFacts facts, fetch_objects(*api, options));
  if (const auto source = source_of(facts.pod, facts.target)) {
    const trace::WhyQuestion question = question_of(facts, *source);
    auto node = ask(*api, facts, facts.pod.spec.nodeName, question);
    if (node.ok()) {
      facts.node = *std::move(node);
      if (!question.destination.is_unspecified()) ask_backends(*api, facts, question);
    } else {
      facts.node_problem = message(node.status());
    }
  }
  const std::vector<Finding> findings = plan(facts);
  fmt::print("{}", print(findings, facts));
  failed = std::ranges::find(findings, Mark::kFail, &Finding::mark) != findings.end();
  return absl::OkStatus();
}

}  // namespace skiff::cli
