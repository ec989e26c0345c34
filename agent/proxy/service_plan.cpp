// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/service_plan.h"

#include <netinet/in.h>

#include <algorithm>
#include <tuple>

namespace skiff::proxy {
namespace {

constexpr const char* kProxyName = "service.kubernetes.io/service-proxy-name";
constexpr const char* kLoadBalancing = "skiff.io/load-balancing";  // "maglev"; else chance
constexpr uint32_t kDefaultAffinitySeconds = 10800;                // 3 hours, as the API's default

uint32_t affinity_of(const api::ServiceSpec& spec) {
  if (spec.sessionAffinity != "ClientIP") return 0;
  const auto& config = spec.sessionAffinityConfig;
  if (!config || !config->clientIP) return kDefaultAffinitySeconds;
  const int32_t seconds = config->clientIP->timeoutSeconds.value_or(0);
  return seconds > 0 ? static_cast<uint32_t>(seconds) : kDefaultAffinitySeconds;
}

// One port of a Service in one address family: what its frontends have in common.
class PortPlan {
 public:
  PortPlan(const api::Service& service, const api::ServicePort& port, uint8_t protocol, bool v4,
           EndpointChoices choices, const Viewpoint& from)
      : service_(service),
        spec_(service.spec),
        port_(port),
        protocol_(protocol),
        v4_(v4),
        choices_(std::move(choices)),
        from_(from) {}

  void add_to(ServicePlan& plan) const {
    add_cluster_ips(plan);
    for (const std::string& text : spec_.externalIPs)
      if (const auto address = of_family(text)) add_address(*address, plan);
    for (const auto& ingress : service_.status.loadBalancer.ingress) {
      if (ingress.ipMode.value_or("VIP") != "VIP") continue;  // Proxy: it comes back by itself
      if (const auto address = of_family(ingress.ip)) add_load_balancer(*address, plan);
    }
    if (port_.nodePort != 0) {
      add_outside({.key = {v4_ ? IpAddress::v4(0) : IpAddress(),
                           static_cast<uint16_t>(port_.nodePort), protocol_},
                   .node_port = true},
                  plan);
    }
  }

 private:
  std::optional<IpAddress> of_family(const std::string& text) const {
    const auto address = IpAddress::parse(text);
    if (!address.ok() || address->is_v4() != v4_) return std::nullopt;
    return *address;
  }

  std::string name() const {
    return fmt::format("{}/{}:{}", service_.metadata.namespace_, service_.metadata.name,
                       port_.name.empty() ? std::to_string(port_.port) : port_.name);
  }

  void fill(Frontend& frontend, bool only_local) const {
    const Choice& choice = only_local ? choices_.local : choices_.cluster;
    frontend.service = name();
    frontend.backends = choice.serving;
    frontend.draining = choice.draining;
    frontend.unready = choice.unready;
    frontend.keeps_to_node = choice.keeps_to_node;
    frontend.drop_empty = choice.serving.empty() && choices_.any;
    frontend.affinity_seconds = affinity_of(spec_);
  }

  void add_cluster_ips(ServicePlan& plan) const {
    const bool only_local = spec_.internalTrafficPolicy == "Local";
    std::vector<std::string> addresses = spec_.clusterIPs;
    if (addresses.empty()) addresses.push_back(spec_.clusterIP);
    for (const std::string& text : addresses) {
      const auto address = of_family(text);
      if (!address) continue;
      Frontend frontend{.key = {*address, static_cast<uint16_t>(port_.port), protocol_}};
      fill(frontend, only_local);
      plan.no_local_internal |= frontend.drop_empty;
      plan.frontends.push_back(std::move(frontend));
    }
  }

  // An external or load balancer address. A node's own NodePorts are not to be had this way.
  void add_address(const IpAddress& address, ServicePlan& plan, Frontend frontend = {}) const {
    if (from_.node_ports.contains(static_cast<uint32_t>(port_.port)) &&
        from_.node_addresses.contains(address)) {
      plan.refused.push_back(fmt::format(
          "{} port {} is not served: the address is a node's, and the port is in its NodePort "
          "range {}",
          address.to_string(), port_.port, from_.node_ports.to_string()));
      return;
    }
    frontend.key = {address, static_cast<uint16_t>(port_.port), protocol_};
    frontend.external = true;
    add_outside(std::move(frontend), plan);
  }

  void add_load_balancer(const IpAddress& address, ServicePlan& plan) const {
    Frontend frontend;
    for (const std::string& text : spec_.loadBalancerSourceRanges)
      if (const auto range = Cidr::parse(text); range.ok() && range->is_v4() == v4_)
        frontend.source_ranges.push_back(*range);
    std::sort(frontend.source_ranges.begin(), frontend.source_ranges.end());
    // Ranges of the other family only leave this one open, as kube-proxy has it.
    frontend.restricted = !frontend.source_ranges.empty();
    if (!from_.node_addresses.contains(address)) plan.load_balancer_addresses.push_back(address);
    add_address(address, plan, std::move(frontend));
  }

  // Clients outside the cluster: under externalTrafficPolicy Local they get this node's endpoints
  // only, while pods and nodes still get all (kube-proxy's two scopes).
  void add_outside(Frontend internal, ServicePlan& plan) const {
    const bool local = spec_.externalTrafficPolicy == "Local";
    const auto balancing = service_.metadata.annotations.find(kLoadBalancing);
    internal.maglev =
        balancing != service_.metadata.annotations.end() && balancing->second == "maglev";
    internal.direct_answers = from_.direct_answers;
    fill(internal, false);
    if (local) {
      Frontend outside = internal;
      outside.key.scope = Scope::kExternal;
      fill(outside, true);
      plan.no_local_external |= outside.drop_empty;
      plan.frontends.push_back(std::move(outside));
    }
    internal.two_scopes = local;
    plan.frontends.push_back(std::move(internal));
  }

  const api::Service& service_;
  const api::ServiceSpec& spec_;
  const api::ServicePort& port_;
  uint8_t protocol_;
  bool v4_;
  EndpointChoices choices_;
  const Viewpoint& from_;
};

bool has_family(const api::ServiceSpec& spec, bool v4) {
  if (spec.ipFamilies.empty())
    return IpAddress::parse(spec.clusterIP).value_or(IpAddress()).is_v4() == v4;
  return std::find(spec.ipFamilies.begin(), spec.ipFamilies.end(), v4 ? "IPv4" : "IPv6") !=
         spec.ipFamilies.end();
}

bool is_ours(const api::Service& service) {
  const api::ServiceSpec& spec = service.spec;
  return spec.type != "ExternalName" && !spec.clusterIP.empty() && spec.clusterIP != "None" &&
         !service.metadata.labels.contains(kProxyName) &&
         !service.metadata.labels.contains(api::kHeadlessLabel);
}

// An address may be listed twice, as external and as the load balancer's: the restricted one
// counts.
void sort_and_merge(std::vector<Frontend>& frontends) {
  std::sort(frontends.begin(), frontends.end(), [](const Frontend& a, const Frontend& b) {
    return std::tie(a.key, b.restricted) < std::tie(b.key, a.restricted);
  });
  const auto repeated =
      std::unique(frontends.begin(), frontends.end(),
                  [](const Frontend& a, const Frontend& b) { return a.key == b.key; });
  frontends.erase(repeated, frontends.end());
}

}  // namespace

std::optional<uint8_t> protocol_number(std::string_view name) {
  if (name == "TCP" || name.empty()) return IPPROTO_TCP;
  if (name == "UDP") return IPPROTO_UDP;
  if (name == "SCTP") return IPPROTO_SCTP;
  return std::nullopt;
}

ServicePlan plan_service(const api::Service& service, std::span<const SlicePtr> slices,
                         const Viewpoint& from) {
  ServicePlan plan;
  const api::ServiceSpec& spec = service.spec;
  if (!is_ours(service)) return plan;
  for (const api::ServicePort& port : spec.ports) {
    const auto protocol = protocol_number(port.protocol);
    if (!protocol) continue;
    for (const bool v4 : {true, false}) {
      if (!has_family(spec, v4)) continue;
      const std::vector<Candidate> candidates = candidates_of(port, v4, slices, from);
      PortPlan(service, port, *protocol, v4, choose_endpoints(candidates), from).add_to(plan);
    }
  }
  for (const SlicePtr& slice : slices)
    if (const auto weight = weight_of(*slice); !weight.ok())
      plan.refused.push_back(fmt::format("endpoint slice {}: annotation {} {}",
                                         slice->metadata.name, kube::kEndpointWeight,
                                         message(weight.status())));
  sort_and_merge(plan.frontends);
  if (spec.type == "LoadBalancer" && spec.externalTrafficPolicy == "Local") {
    plan.health_port = static_cast<uint16_t>(spec.healthCheckNodePort);
    plan.local_ready = count_local_ready(slices, from);
  }
  return plan;
}

std::vector<Frontend> wildcard_frontends(const std::set<IpAddress>& addresses) {
  std::vector<Frontend> frontends;
  for (const IpAddress& address : addresses)
    frontends.push_back({.key = {address, 0, 0},
                         .service = "load balancer " + address.to_string(),
                         .external = true,
                         .wildcard = true});
  return frontends;
}

}  // namespace skiff::proxy
