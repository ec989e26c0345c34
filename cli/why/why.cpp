// SPDX-License-Identifier: Apache-2.0
#include "cli/why/why.h"

#include <algorithm>

#include "agent/trace/why_node.h"
#include "cli/api.h"
#include "cli/node_api.h"
#include "cli/why/plan.h"

namespace skiff::cli {
namespace {

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

Result<trace::NodeFacts> ask_node(Api& api, const WhyFacts& facts, const IpAddress& source) {
  const auto node = std::ranges::find_if(facts.nodes, [&](const api::Node& one) {
    return one.metadata.name == facts.pod.spec.nodeName;
  });
  if (node == facts.nodes.end()) return not_found("there is no such Node");
  const Destination to = find_destination(facts.target, facts.services, facts.pods, source);
  trace::WhyQuestion question{.source = source, .destination = to.address, .port = to.port};
  question.protocol = protocol_number(to.protocol);
  if (!facts.target.service.empty())
    question.name = facts.target.service + "." + facts.target.namespace_;
  ASSIGN_OR_RETURN(const std::string json, api.ask(*node, "/why", trace::why_query(question)));
  return trace::decode_node_facts(json);
}

}  // namespace

Status why(const WhyOptions& options, bool& failed) {
  ASSIGN_OR_RETURN(const auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(WhyFacts facts, fetch_objects(*api, options));
  if (const auto source = source_of(facts.pod, facts.target)) {
    auto node = ask_node(*api, facts, *source);
    if (node.ok()) {
      facts.node = *std::move(node);
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
