// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/service_endpoints.h"

#include <algorithm>

#include "base/ip.h"
#include "controller/controllers/pod_conditions.h"
#include "kube/endpoint_weight.h"

namespace skiff::controllers {
namespace {

std::string address_of(const api::Pod& pod, const std::string& family) {
  const auto fits = [&](const std::string& text) {
    const auto ip = IpAddress::parse(text);
    return ip.ok() && ip->is_v4() == (family == "IPv4");
  };
  for (const api::PodIP& ip : pod.status.podIPs)
    if (fits(ip.ip)) return ip.ip;
  return pod.status.podIPs.empty() && fits(pod.status.podIP) ? pod.status.podIP : std::string();
}

// The number behind a service port's target in this pod; 0: the pod has no port of that name.
int32_t target_port(const api::ServicePort& port, const api::Pod& pod) {
  if (port.targetPort.is_int())
    return port.targetPort.number != 0 ? port.targetPort.number : port.port;
  const auto find = [&](const std::vector<api::Container>& containers,
                        bool sidecars_only) -> int32_t {
    for (const api::Container& container : containers) {
      if (sidecars_only && container.restartPolicy != "Always") continue;
      for (const api::ContainerPort& candidate : container.ports)
        if (candidate.name == port.targetPort.text && candidate.protocol == port.protocol)
          return candidate.containerPort;
    }
    return 0;
  };
  const int32_t number = find(pod.spec.containers, false);
  return number != 0 ? number : find(pod.spec.initContainers, true);
}

PortSet ports_of(const api::Service& service, const api::Pod& pod) {
  PortSet ports;
  for (const api::ServicePort& port : service.spec.ports) {
    const int32_t number = target_port(port, pod);
    if (number == 0) continue;
    api::EndpointSlicePort endpoint_port;
    endpoint_port.name = port.name;
    endpoint_port.port = number;
    endpoint_port.protocol = port.protocol;
    endpoint_port.appProtocol = port.appProtocol;
    ports.push_back(std::move(endpoint_port));
  }
  return ports;
}

// trafficDistribution: which clients a ready endpoint is meant for. Proxies heed hints only while
// every endpoint has them, so one without a zone gives them no zone to keep to.
void add_hints(const api::Service& service, api::Endpoint& endpoint) {
  const std::string distribution = service.spec.trafficDistribution.value_or("");
  const bool by_node = distribution == "PreferSameNode";
  if (!by_node && distribution != "PreferSameZone" && distribution != "PreferClose") return;
  if (!endpoint.conditions.ready.value_or(true)) return;
  api::EndpointHints hints;
  if (endpoint.zone) hints.forZones.push_back({*endpoint.zone});
  if (by_node && endpoint.nodeName) hints.forNodes.push_back({*endpoint.nodeName});
  if (!hints.forZones.empty() || !hints.forNodes.empty())
    endpoint.hints.emplace() = std::move(hints);
}

api::Endpoint endpoint_of(const api::Service& service, const api::Pod& pod, std::string address,
                          const NodeLookup& node_of) {
  api::Endpoint endpoint;
  endpoint.addresses.push_back(std::move(address));
  const bool serving = is_ready(pod);
  const bool terminating = static_cast<bool>(pod.metadata.deletionTimestamp);
  endpoint.conditions.ready = service.spec.publishNotReadyAddresses || (serving && !terminating);
  endpoint.conditions.serving = serving;
  endpoint.conditions.terminating = terminating;
  if (!pod.spec.hostname.empty() && pod.spec.subdomain == service.metadata.name)
    endpoint.hostname = pod.spec.hostname;
  api::ObjectReference& target = endpoint.targetRef.emplace();
  target.kind = "Pod";
  target.namespace_ = pod.metadata.namespace_;
  target.name = pod.metadata.name;
  target.uid = pod.metadata.uid;
  if (pod.spec.nodeName.empty()) return endpoint;
  endpoint.nodeName = pod.spec.nodeName;
  if (const auto node = node_of(pod.spec.nodeName)) endpoint.zone = node_zone(*node);
  add_hints(service, endpoint);
  return endpoint;
}

std::string weight_of(const api::Pod& pod) {
  const auto it = pod.metadata.annotations.find(kube::kEndpointWeight);
  return it == pod.metadata.annotations.end() ? "" : it->second;
}

std::string signature(const PortSet& ports, std::string text) {
  text += ';';
  for (const api::EndpointSlicePort& port : ports)
    text += fmt::format("{}/{}/{};", port.name.value_or(""), port.port.value_or(0),
                        port.protocol.value_or(""));
  return text;
}

}  // namespace

std::optional<std::string> node_zone(const api::Node& node) {
  const auto zone = node.metadata.labels.find("topology.kubernetes.io/zone");
  return zone == node.metadata.labels.end() ? std::nullopt : std::optional(zone->second);
}

bool selects(const api::Service& service, const api::Pod& pod) {
  if (service.spec.selector.empty() || service.metadata.namespace_ != pod.metadata.namespace_)
    return false;
  return std::all_of(service.spec.selector.begin(), service.spec.selector.end(),
                     [&](const auto& wanted) {
                       const auto it = pod.metadata.labels.find(wanted.first);
                       return it != pod.metadata.labels.end() && it->second == wanted.second;
                     });
}

std::vector<std::string> families_of(const api::Service& service) {
  if (service.spec.type == "ExternalName") return {};
  return service.spec.ipFamilies.empty() ? std::vector<std::string>{"IPv4"}
                                         : service.spec.ipFamilies;
}

std::vector<EndpointGroup> endpoints_of(const api::Service& service,
                                        std::span<const std::shared_ptr<const api::Pod>> pods,
                                        const std::string& family, const NodeLookup& node_of) {
  std::map<std::string, EndpointGroup> groups;
  for (const auto& pod : pods) {
    if (!selects(service, *pod) || has_ended(*pod)) continue;
    std::string address = address_of(*pod, family);
    if (address.empty()) continue;
    PortSet ports = ports_of(service, *pod);
    const std::string weight = weight_of(*pod);
    EndpointGroup& group = groups[signature(ports, weight)];
    group.ports = std::move(ports);
    group.weight = weight;
    group.endpoints.push_back(endpoint_of(service, *pod, std::move(address), node_of));
  }
  std::vector<EndpointGroup> list;
  for (auto& [name, group] : groups) list.push_back(std::move(group));
  return list;
}

}  // namespace skiff::controllers
