// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/service_plan.h"

#include <netinet/in.h>

#include <algorithm>

namespace skiff::proxy {
namespace {

constexpr const char* kProxyName = "service.kubernetes.io/service-proxy-name";

// One endpoint address of one service port.
struct Candidate {
  Backend backend;
  bool ready = false;
  bool serving_last = false;  // terminating, but still serving
  bool local = false;
};

std::optional<uint8_t> protocol_number(std::string_view name) {
  if (name == "TCP" || name.empty()) return IPPROTO_TCP;
  if (name == "UDP") return IPPROTO_UDP;
  return std::nullopt;  // SCTP: not yet in the datapath
}

void add_candidates(const api::EndpointSlice& slice, uint16_t port, const std::string& node,
                    std::vector<Candidate>& into) {
  for (const api::Endpoint& endpoint : slice.endpoints) {
    const bool terminating = endpoint.conditions.terminating.value_or(false);
    const bool ready = endpoint.conditions.ready.value_or(true);
    // All addresses of an endpoint are the same backend: only the first counts (as for every
    // consumer of slices).
    if (endpoint.addresses.empty()) continue;
    const auto address = IpAddress::parse(endpoint.addresses.front());
    // A slice anybody may write must not point traffic at the node itself (CVE-2021-25737).
    if (!address.ok() || address->is_loopback() || address->is_link_local() ||
        address->is_unspecified())
      continue;
    into.push_back({.backend = {*address, port},
                    .ready = ready,
                    .serving_last = terminating && endpoint.conditions.serving.value_or(ready),
                    .local = endpoint.nodeName == node});
  }
}

std::vector<Candidate> candidates_of(const api::ServicePort& port, bool v4,
                                     std::span<const SlicePtr> slices, const std::string& node) {
  std::vector<Candidate> candidates;
  for (const SlicePtr& slice : slices) {
    if (slice->addressType != (v4 ? "IPv4" : "IPv6")) continue;
    for (const api::EndpointSlicePort& candidate : slice->ports) {
      if (candidate.name.value_or("") != port.name ||
          candidate.protocol.value_or("TCP") != port.protocol)
        continue;
      const int32_t number = candidate.port.value_or(0);
      if (number > 0 && number <= 65535)
        add_candidates(*slice, static_cast<uint16_t>(number), node, candidates);
    }
  }
  return candidates;
}

// Ready ones, else those that terminate but still serve. Sorted, each once.
std::vector<Backend> choose(const std::vector<Candidate>& candidates, bool only_local) {
  std::vector<Backend> chosen;
  for (const bool last_resort : {false, true}) {
    for (const Candidate& candidate : candidates)
      if ((!only_local || candidate.local) &&
          (last_resort ? candidate.serving_last : candidate.ready))
        chosen.push_back(candidate.backend);
    if (!chosen.empty()) break;
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

// What all frontends of one service port in one family have in common.
struct PortPlan {
  const api::Service& service;
  const api::ServicePort& port;
  uint8_t protocol;
  bool v4;
  std::vector<Candidate> candidates;

  Frontend frontend(const IpAddress& address, int32_t number, Scope scope, bool only_local) const {
    Frontend frontend;
    frontend.key = {address, static_cast<uint16_t>(number), protocol, scope};
    frontend.service = fmt::format("{}/{}:{}", service.metadata.namespace_, service.metadata.name,
                                   port.name.empty() ? std::to_string(port.port) : port.name);
    frontend.backends = choose(candidates, only_local);
    frontend.drop_empty =
        only_local && frontend.backends.empty() && !choose(candidates, false).empty();
    if (service.spec.sessionAffinity == "ClientIP") {
      frontend.affinity_seconds = 10800;
      if (const auto& config = service.spec.sessionAffinityConfig; config && config->clientIP)
        frontend.affinity_seconds =
            static_cast<uint32_t>(config->clientIP->timeoutSeconds.value_or(10800));
    }
    return frontend;
  }

  // An address that clients outside the cluster use: under externalTrafficPolicy Local they get
  // this node's endpoints only, while pods and nodes still get all (kube-proxy's two scopes).
  void external(const IpAddress& address, int32_t number, bool node_port,
                std::vector<Frontend>& into) const {
    const bool local = service.spec.externalTrafficPolicy == "Local";
    Frontend internal = frontend(address, number, Scope::kInternal, false);
    internal.two_scopes = local;
    internal.node_port = node_port;
    internal.external = !node_port;
    if (local) {
      Frontend outside = frontend(address, number, Scope::kExternal, true);
      outside.node_port = node_port;
      outside.external = !node_port;
      into.push_back(std::move(outside));
    }
    into.push_back(std::move(internal));
  }
};

void plan_port(const PortPlan& plan, std::vector<Frontend>& into) {
  const api::ServiceSpec& spec = plan.service.spec;
  const auto of_family = [&](const std::string& text) -> std::optional<IpAddress> {
    const auto address = IpAddress::parse(text);
    if (!address.ok() || address->is_v4() != plan.v4) return std::nullopt;
    return *address;
  };
  std::vector<std::string> cluster_ips = spec.clusterIPs;
  if (cluster_ips.empty()) cluster_ips.push_back(spec.clusterIP);
  for (const std::string& text : cluster_ips)
    if (const auto address = of_family(text))
      into.push_back(plan.frontend(*address, plan.port.port, Scope::kInternal,
                                   spec.internalTrafficPolicy == "Local"));
  for (const std::string& text : spec.externalIPs)
    if (const auto address = of_family(text)) plan.external(*address, plan.port.port, false, into);
  for (const auto& ingress : plan.service.status.loadBalancer.ingress)
    if (ingress.ipMode.value_or("VIP") == "VIP")
      if (const auto address = of_family(ingress.ip))
        plan.external(*address, plan.port.port, false, into);
  if (plan.port.nodePort != 0)
    plan.external(plan.v4 ? IpAddress::v4(0) : IpAddress(), plan.port.nodePort, true, into);
}

}  // namespace

std::vector<Frontend> plan_service(const api::Service& service, std::span<const SlicePtr> slices,
                                   const std::string& node) {
  std::vector<Frontend> frontends;
  const api::ServiceSpec& spec = service.spec;
  if (spec.type == "ExternalName" || spec.clusterIP.empty() || spec.clusterIP == "None" ||
      service.metadata.labels.contains(kProxyName))
    return frontends;
  for (const api::ServicePort& port : spec.ports) {
    const auto protocol = protocol_number(port.protocol);
    if (!protocol) continue;
    for (const bool v4 : {true, false}) {
      const bool wanted = spec.ipFamilies.empty()
                              ? IpAddress::parse(spec.clusterIP).value_or(IpAddress()).is_v4() == v4
                              : std::find(spec.ipFamilies.begin(), spec.ipFamilies.end(),
                                          v4 ? "IPv4" : "IPv6") != spec.ipFamilies.end();
      if (wanted)
        plan_port({service, port, *protocol, v4, candidates_of(port, v4, slices, node)}, frontends);
    }
  }
  std::sort(frontends.begin(), frontends.end(),
            [](const Frontend& a, const Frontend& b) { return a.key < b.key; });
  return frontends;
}

}  // namespace skiff::proxy
