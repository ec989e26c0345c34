// SPDX-License-Identifier: Apache-2.0
// HostPorts: a pod's container port at the addresses of its node, as frontends of its own. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/proxy/service_plan.h"
#include "api/core/pod.h"

namespace skiff::proxy {

// What this node can give away.
struct HostPortScope {
  std::vector<IpAddress> node_addresses;  // where a HostPort without hostIP is served
  // Where one with hostIP may be: any address of this node.
  std::function<bool(const IpAddress&)> is_own_address;
  // Who has the NodePort; empty: nobody.
  std::function<std::string(uint8_t protocol, uint16_t port)> node_port_owner;
};

struct HostPortPlan {
  std::vector<Frontend> frontends;
  std::vector<std::string> refused;  // which ports are not served, and why
};

// A pod holds its HostPorts until it has ended (Succeeded, Failed), also while it terminates. Pods
// in the node's own network need none.
HostPortPlan plan_host_ports(const api::Pod& pod, const HostPortScope& scope);

bool has_host_ports(const api::Pod& pod);

}  // namespace skiff::proxy
