// SPDX-License-Identifier: Apache-2.0
// NodePorts: a host port is free on a node if no pod there has it for the same protocol on an
// overlapping address.
#include <algorithm>

#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

bool any_address(const std::string& ip) {
  return ip.empty() || ip == "0.0.0.0" || ip == "::";
}

bool collide(const api::ContainerPort& a, const api::ContainerPort& b) {
  return a.hostPort == b.hostPort && a.protocol == b.protocol &&
         (a.hostIP == b.hostIP || any_address(a.hostIP) || any_address(b.hostIP));
}

class NodePorts final : public FilterPlugin {
 public:
  std::string_view name() const override { return "NodePorts"; }
  Verdict filter(const PodInfo& pod, const NodeInfo& node, const State*) const override {
    if (pod.host_ports.empty()) return Verdict::fits();
    for (const auto& [key, other] : node.pods)
      for (const api::ContainerPort& taken : other->host_ports)
        if (std::any_of(pod.host_ports.begin(), pod.host_ports.end(),
                        [&](const api::ContainerPort& wanted) { return collide(wanted, taken); }))
          return Verdict::refuses("node(s) didn't have free ports for the requested pod ports");
    return Verdict::fits();
  }
};

}  // namespace

std::shared_ptr<const FilterPlugin> node_ports() {
  return std::make_shared<NodePorts>();
}

}  // namespace skiff::scheduler
