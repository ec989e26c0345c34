// SPDX-License-Identifier: Apache-2.0
// What `skiff why` learns from the other features of the agent.
#include "agent/daemon.h"
#include "agent/policy_fact.h"

namespace skiff::agent {
namespace {

// What cluster DNS would answer to a pod that asks for NAME.NAMESPACE.
trace::NameFact resolve(const dns::KubeView& view, const std::string& name) {
  trace::NameFact fact;
  fact.asked = true;
  const size_t dot = name.find('.');
  if (!view.ready()) {
    fact.problem = "it has not seen all Services yet";
    return fact;
  }
  const auto service = dot == std::string::npos
                           ? std::nullopt
                           : view.service(name.substr(dot + 1), name.substr(0, dot));
  if (!service) {
    fact.problem = "no such Service";
    return fact;
  }
  for (const IpAddress& address : service->cluster_addresses)
    fact.addresses.push_back(address.to_string());
  if (!service->external_name.empty()) fact.addresses.push_back(service->external_name);
  for (const dns::ServiceEndpoint& endpoint : service->endpoints)
    for (const IpAddress& address : endpoint.addresses)
      fact.addresses.push_back(address.to_string());
  if (fact.addresses.empty()) fact.problem = "it is headless and no pod of it is ready";
  return fact;
}

std::vector<trace::PolicyFact> judge(const policy::Policy& policy, const datapath::Maps& maps,
                                     const trace::WhyQuestion& asked,
                                     const std::vector<trace::SocketAddress>& destinations) {
  std::vector<trace::PolicyFact> facts;
  for (const trace::SocketAddress& to : destinations) {
    const policy::Question question{.source = asked.source,
                                    .destination = to.address,
                                    .protocol = asked.protocol,
                                    .port = to.port};
    for (const policy::Direction direction : policy::kDirections) {
      auto judgement = policy.explain(direction, question);
      if (!judgement) continue;
      facts.push_back(policy_fact(direction, question, *std::move(judgement), maps));
    }
  }
  return facts;
}

}  // namespace

std::map<std::string, http::Handler*> Daemon::make_node_handlers() {
  trace::WhySources sources;
  sources.node = config_.node_name;
  sources.datapath = datapath_.get();
  if (trace_) sources.hub = &trace_->hub();
  sources.other_cni = network_ == nullptr;
  sources.not_ready_because = [this] { return not_ready_because(); };
  if (dns_view_)
    sources.resolve = [this](const std::string& name) { return resolve(*dns_view_, name); };
  if (policy_)
    sources.policies = [this](const trace::WhyQuestion& asked,
                              const std::vector<trace::SocketAddress>& destinations) {
      return judge(*policy_, datapath_->maps(), asked, destinations);
    };
  why_ = std::make_unique<trace::WhyHandler>(std::move(sources), clock_, pool_);
  std::map<std::string, http::Handler*> handlers = {{"why", why_.get()}};
  if (trace_) {
    taps_ = std::make_unique<trace::TapHandler>(
        trace::TapHandler::Sources{.taps = trace_->taps(),
                                   .names = trace_->names(),
                                   .hub = trace_->hub(),
                                   .pin_dir = config_.bpf_dir.string()},
        [this] { return trace_->names().local_namespaces(); }, pool_);
    handlers.emplace("observe", &trace_->api());
    handlers.emplace("taps", taps_.get());
  }
  return handlers;
}

}  // namespace skiff::agent
