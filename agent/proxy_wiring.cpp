// SPDX-License-Identifier: Apache-2.0
// The service proxy among the agent's other parts.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/network/node_setup.h"

namespace skiff::agent {

void Daemon::make_proxy() {
  proxy_events_ = std::make_unique<kube::EventRecorder>(
      executor_, *client_, kube::EventSource{"kube-proxy", config_.node_name}, clock_);
  proxy::ProxyOptions options{.node_name = config_.node_name,
                              .node_addresses = config_.node_ips,
                              .service_ranges = config_.service_ranges,
                              .unmasked_ranges = config_.cluster_ranges,
                              .node_ports = config_.node_ports,
                              .node_port_addresses = config_.node_port_addresses,
                              .snat_ports = config_.snat_ports,
                              .direct_answers = config_.direct_answers,
                              .metrics = registry_,
                              .events = proxy_events_.get()};
  if (config_.has(Role::kDns))
    options.answered_here.insert(config_.cluster_dns.begin(), config_.cluster_dns.end());
  options.unmasked_ranges.insert(options.unmasked_ranges.end(),
                                 config_.non_masquerade_ranges.begin(),
                                 config_.non_masquerade_ranges.end());
  proxy::ProxyMachine machine = proxy::machine_of(*datapath_);
  open_announcer();
  if (announcer_)
    machine.announce = [this](std::set<IpAddress> addresses) {
      announcer_->set(std::move(addresses));
    };
  // Without a kubelet of ours HostPorts come with the CNI calls, if those are ours.
  kube::Store<api::Pod>* host_ports = nullptr;
  if (config_.has(Role::kKubelet)) {
    host_ports = &stores_->pods;
  } else if (network_) {
    host_ports_ = std::make_unique<AttachedHostPorts>(executor_);
    host_ports = &host_ports_->pods();
  }
  proxy_ = std::make_unique<proxy::Proxy>(
      executor_, std::move(options),
      proxy::ProxyStores{stores_->services, stores_->slices, stores_->nodes, host_ports},
      std::move(machine), clock_);
}

// Load balancer addresses of the cluster's pools are answered for on the segment of the uplink.
void Daemon::open_announcer() {
  const auto uplink = network::resolve_uplink(config_.uplink);
  if (!uplink.ok() || uplink->index == 0) return;
  auto announcer = proxy::Announcer::open(executor_, uplink->index);
  if (announcer.ok()) {
    announcer_ = std::move(*announcer);
  } else {
    spdlog::warn("proxy: load balancer addresses are not announced: {}, ignoring",
                 message(announcer.status()));
  }
}

}  // namespace skiff::agent
