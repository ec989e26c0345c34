// SPDX-License-Identifier: Apache-2.0
// The service proxy among the agent's other parts.
#include <filesystem>

#include "agent/daemon.h"
#include "agent/network/node_setup.h"

namespace skiff::agent {
namespace {

// Where CNIs name the namespaces of their pods.
std::vector<std::string> named_namespaces() {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/run/netns", ignored))
    paths.push_back(entry.path());
  return paths;
}

}  // namespace

void Daemon::make_proxy() {
  proxy_events_ = std::make_unique<kube::EventRecorder>(
      executor_, *client_, kube::EventSource{"kube-proxy", config_.node_name}, clock_);
  proxy::ProxyOptions options{.node_name = config_.node_name,
                              .node_addresses = config_.node_ips,
                              .service_ranges = config_.service_ranges,
                              .cluster_ranges = config_.cluster_ranges,
                              .metrics = registry_,
                              .events = proxy_events_.get()};
  if (config_.has(Role::kDns))
    options.answered_here.insert(config_.cluster_dns.begin(), config_.cluster_dns.end());
  if (network_)
    options.pod_namespaces = [this] {
      std::vector<std::string> paths;
      for (const network::Attachment& pod : network_->pods()) paths.push_back(pod.netns);
      return paths;
    };
  else
    options.pod_namespaces = named_namespaces;
  if (const auto uplink = network::resolve_uplink(config_.uplink); uplink.ok())
    options.announce_on = uplink->index;
  // Without a kubelet of ours, HostPorts belong to the CNI of the cluster.
  proxy_ = std::make_unique<proxy::Proxy>(
      executor_, std::move(options),
      proxy::ProxyStores{stores_->services, stores_->slices, stores_->nodes,
                         config_.has(Role::kKubelet) ? &stores_->pods : nullptr},
      *datapath_, clock_);
}

}  // namespace skiff::agent
