// SPDX-License-Identifier: Apache-2.0
// The service proxy of a node: keeps the datapath's frontends equal to the cluster's Services and
// this node's HostPorts, and tells it where nodes and ranges are. Runs on the agent's loop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/proxy/announce_plan.h"
#include "agent/proxy/frontend_writer.h"
#include "agent/proxy/health_check.h"
#include "agent/proxy/host_ports.h"
#include "agent/proxy/node_plan.h"
#include "agent/proxy/proxy_metrics.h"
#include "api/core/node.h"
#include "base/clock.h"
#include "base/ip.h"
#include "kube/events.h"
#include "kube/reconciler.h"
#include "kube/store.h"

namespace skiff::proxy {

struct ProxyOptions {
  std::string node_name;
  std::vector<IpAddress> node_addresses;  // this node's own, where HostPorts are served
  std::vector<Cidr> service_ranges;
  std::vector<Cidr> unmasked_ranges;  // those of pods, and others they reach with their own address
  PortRange node_ports = kNodePorts;
  NodePortAddresses node_port_addresses;
  PortRange snat_ports = kSnatPorts;
  bool direct_answers = false;  // Viewpoint's
  // ClusterIPs that a process of this node answers by itself (the cluster DNS): they get no
  // frontend.
  std::set<IpAddress> answered_here;
  metrics::Registry& metrics;
  kube::EventRecorder* events = nullptr;  // null: nobody is told what is refused
};

// What the proxy does beyond the maps, so that tests need neither kernel nor network.
struct ProxyMachine {
  datapath::Maps& maps;
  std::function<Status(std::span<const datapath::NodeAddress>)> set_nodes;
  std::function<Status(std::span<const Cidr> unmasked, std::span<const Cidr> services)> set_ranges;
  // Addresses of the node's devices; blocks for microseconds.
  std::function<Result<std::vector<IpAddress>>()> own_addresses;
  // These block, a millisecond a thousand sockets; called in a thread of the proxy's own. Ports of
  // the node within a range that sockets hold:
  std::function<Result<std::set<uint16_t>>(const PortRange&)> ports_in_use;
  std::function<Result<int>(std::vector<datapath::StaleSocket>)> abort_sockets;
  // The ranges that the node's devices are in; blocks for microseconds.
  std::function<Result<std::vector<Cidr>>()> segments;
  // Answers on the segments for these load balancer addresses of the cluster's pools from now on;
  // null: nobody does here.
  std::function<void(std::set<IpAddress>)> announce;
};
// The kernel's, for the calling thread's namespace. `datapath` must outlive it.
ProxyMachine machine_of(datapath::Datapath& datapath);

struct ProxyStores {
  kube::Store<api::Service>& services;
  kube::Store<api::EndpointSlice>& slices;
  kube::Store<api::Node>& nodes;
  kube::Store<api::Pod>* pods = nullptr;  // of this node; null: HostPorts are not ours
};

class Proxy final : public kube::Reconciler {
 public:
  // Stores and what the machine refers to must outlive the proxy.
  Proxy(const Executor& executor, ProxyOptions options, ProxyStores stores, ProxyMachine machine,
        const Clock& clock);

  // Restores, then waits for the stores and starts. Nothing is removed before every service has
  // been seen once.
  Status start();
  // True once every Service that existed at start is in the maps.
  bool synced() const { return synced_; }
  // Since when a change has been waiting to get into the maps; nothing if none is.
  std::optional<std::chrono::steady_clock::time_point> behind_since() const {
    return loop_.behind_since();
  }

  // What each Service port was used for, for whoever scrapes.
  std::vector<prometheus::MetricFamily> service_metrics() const;

  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;

 private:
  void watch();
  awaitable<void> run();
  void sync_all();
  void prune_if_settled();
  Status sync(const kube::ObjectKey& key);
  Status apply(const kube::ObjectKey& key, const ServicePlan& plan);
  void tell(const kube::ObjectKey& key, const ServicePlan& plan, const Status& applied);
  void nodes_changed();
  awaitable<void> look_at_machine();
  awaitable<Status> reserve_ports();
  void look_again(bool all);
  void look_at_endpoints_of(const std::set<std::string>& nodes);
  void write_wildcards();
  void announce();
  awaitable<void> abort_stale_sockets();

  Executor executor_;
  ProxyOptions options_;
  ProxyStores stores_;
  ProxyMachine machine_;
  const Clock& clock_;
  FrontendWriter writer_;
  ProxyMetrics metrics_;
  HealthChecks health_;
  std::unique_ptr<HostPorts> host_ports_;
  kube::ReconcileLoop loop_;
  Viewpoint view_;
  std::vector<datapath::NodeAddress> node_addresses_;  // as written
  std::map<kube::ObjectKey, std::set<IpAddress>> load_balancers_;
  std::map<kube::ObjectKey, std::vector<std::string>> told_;
  std::set<kube::ObjectKey> announced_;  // Services with load balancers when last announced
  std::set<IpAddress> wildcards_;        // as written
  asio::thread_pool pool_{1};
  std::set<kube::ObjectKey> unsettled_;  // there at the start, not in the maps yet
  bool pruned_ = false;
  bool watching_ = false;
  bool aborting_ = false;
  bool synced_ = false;
};

}  // namespace skiff::proxy
