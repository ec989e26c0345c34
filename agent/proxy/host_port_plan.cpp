// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/host_port_plan.h"

#include <netinet/in.h>

#include <algorithm>

namespace skiff::proxy {
namespace {

// Loopback is reached from the node's own processes only (bpf/lib/frontend.h).
std::vector<IpAddress> loopbacks() {
  IpAddress v6;
  return {IpAddress::v4(INADDR_LOOPBACK), v6.plus(1)};
}

std::string text_of(const api::ContainerPort& port) {
  return fmt::format("hostPort {}/{}", port.hostPort,
                     port.protocol.empty() ? "TCP" : port.protocol);
}

// Every container whose ports count: init containers only if they stay (sidecars).
template <class Visit>
void each_port(const api::Pod& pod, const Visit& visit) {
  const auto visit_all = [&](const api::Container& container) {
    for (const api::ContainerPort& port : container.ports)
      if (port.hostPort > 0 && port.hostPort <= 65535) visit(port);
  };
  for (const api::Container& container : pod.spec.initContainers)
    if (container.restartPolicy == "Always") visit_all(container);
  for (const api::Container& container : pod.spec.containers) visit_all(container);
}

// Where one port is served; empty with `refused` filled in if nowhere.
std::vector<IpAddress> addresses_of(const api::ContainerPort& port, const HostPortScope& scope,
                                    std::string& refused) {
  const auto host_ip = port.hostIP.empty() ? IpAddress() : IpAddress::parse(port.hostIP);
  if (!host_ip.ok()) {
    refused = fmt::format("{}: hostIP {} is not an address", text_of(port), port.hostIP);
    return {};
  }
  if (!host_ip->is_unspecified()) {
    if (host_ip->is_loopback() || scope.is_own_address(*host_ip)) return {*host_ip};
    refused =
        fmt::format("{}: hostIP {} is not an address of this node", text_of(port), port.hostIP);
    return {};
  }
  std::vector<IpAddress> addresses = scope.node_addresses;
  for (const IpAddress& loopback : loopbacks()) addresses.push_back(loopback);
  if (!port.hostIP.empty())  // 0.0.0.0 or ::: one family
    std::erase_if(addresses,
                  [&](const IpAddress& each) { return each.is_v4() != host_ip->is_v4(); });
  return addresses;
}

}  // namespace

bool has_host_ports(const api::Pod& pod) {
  bool found = false;
  if (!pod.spec.hostNetwork) each_port(pod, [&](const api::ContainerPort&) { found = true; });
  return found;
}

HostPortPlan plan_host_ports(const api::Pod& pod, const HostPortScope& scope) {
  HostPortPlan plan;
  if (pod.spec.hostNetwork || pod.status.phase == "Succeeded" || pod.status.phase == "Failed")
    return plan;
  each_port(pod, [&](const api::ContainerPort& port) {
    const auto protocol = protocol_number(port.protocol);
    if (!protocol) return;
    const auto number = static_cast<uint16_t>(port.hostPort);
    if (const std::string owner = scope.node_port_owner(*protocol, number); !owner.empty()) {
      plan.refused.push_back(fmt::format("{} is a NodePort of service {}", text_of(port), owner));
      return;
    }
    std::string refused;
    const std::vector<IpAddress> addresses = addresses_of(port, scope, refused);
    if (!refused.empty()) plan.refused.push_back(refused);
    for (const api::PodIP& pod_ip : pod.status.podIPs) {
      const auto backend = IpAddress::parse(pod_ip.ip);
      if (!backend.ok()) continue;
      for (const IpAddress& address : addresses) {
        if (address.is_v4() != backend->is_v4()) continue;
        Frontend& frontend = plan.frontends.emplace_back();
        frontend.key = {address, number, *protocol, Scope::kInternal};
        frontend.service =
            fmt::format("pod {}/{} {}", pod.metadata.namespace_, pod.metadata.name, text_of(port));
        frontend.backends = {{.address = *backend,
                              .port = static_cast<uint16_t>(port.containerPort),
                              .leaving = static_cast<bool>(pod.metadata.deletionTimestamp)}};
        frontend.host_port = true;
      }
    }
  });
  std::sort(plan.frontends.begin(), plan.frontends.end(),
            [](const Frontend& a, const Frontend& b) { return a.key < b.key; });
  return plan;
}

}  // namespace skiff::proxy
