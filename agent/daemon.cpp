// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <set>

#include "agent/counted_transport.h"
#include "agent/kubelet/pod_admission.h"
#include "agent/network/local_ports.h"
#include "agent/network/loopback.h"
#include "agent/network/node_setup.h"
#include "agent/network/peer.h"
#include "agent/runtime/cri_runtime.h"
#include "base/code_memory.h"
#include "base/file.h"
#include "kube/kubeconfig.h"

namespace skiff::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kCollectPeriod = 1min;
constexpr auto kSweepPeriod = 30s;
constexpr auto kSettled = 5s;  // a start is over by then

// Where cgroup v2 is mounted: alone, or beside v1 hierarchies.
std::filesystem::path cgroup2_mount() {
  std::error_code ignored;
  const bool alone = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers", ignored);
  return alone ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
}

Result<kube::ApiEndpoint> endpoint_of(const Config& config) {
  if (config.kubeconfig.empty()) return kube::in_cluster_endpoint(config.api_server);
  ASSIGN_OR_RETURN(kube::ApiEndpoint endpoint, kube::load_kubeconfig(config.kubeconfig));
  RETURN_IF_ERROR(kube::run_exec_plugin(endpoint));
  return endpoint;
}

// Loading programs, connecting and listing took most of the memory, and hardly come again.
awaitable<void> release_startup_memory() {
  co_await sleep_for(kSettled);
  ::malloc_trim(0);
  if (const Status status = release_code_pages(); !status.ok())
    spdlog::warn("release pages of the start: {}, ignoring", message(status));
}

}  // namespace

Daemon::Daemon(const Executor& executor, Config config)
    : executor_(executor),
      config_(std::move(config)),
      started_(clock_.now()),
      routes_wanted_(executor) {}

Daemon::~Daemon() {
  pool_.join();
}

Result<std::unique_ptr<Daemon>> Daemon::open(const Executor& executor, Config config) {
  std::unique_ptr<Daemon> daemon(new Daemon(executor, std::move(config)));
  const Config& given = daemon->config_;
  RETURN_IF_ERROR(make_directories(given.data_dir, 0700), "--data-dir");
  RETURN_IF_ERROR(make_directories(given.run_dir), "--run-dir");
  ASSIGN_OR_RETURN(const kube::ApiEndpoint endpoint, endpoint_of(given));
  ASSIGN_OR_RETURN(auto transport, kube::make_transport(executor, endpoint), "API client");
  daemon->client_ = std::make_unique<kube::Client>(std::make_shared<CountedTransport>(
      std::move(transport), daemon->registry_, fmt::format("{}:{}", endpoint.host, endpoint.port)));
  daemon->stores_ = std::make_unique<Stores>(executor);
  if (given.has(Role::kProxy) || given.has(Role::kNetwork)) {
    RETURN_IF_ERROR(daemon->open_datapath(), "datapath");
  }
  daemon->make_features();
  RETURN_IF_ERROR(daemon->open_trace(), "trace");
  RETURN_IF_ERROR(daemon->open_server(), "node API");
  RETURN_IF_ERROR(daemon->open_hubble(), "hubble");
  return daemon;
}

Status Daemon::open_datapath() {
  datapath::DatapathOptions options;
  options.pin_dir = config_.bpf_dir.string();
  options.check_pod_mac = true;
  const std::filesystem::path cgroup = cgroup2_mount().string() + config_.cgroup_root;
  RETURN_IF_ERROR(make_directories(cgroup), "--cgroup-root");
  options.cgroup_path = cgroup.string();
  options.trace = config_.has(Role::kTrace);
  options.foreign_pods = !config_.has(Role::kNetwork);
  options.foreign_flows = config_.take_over;
  options.node_ports = config_.node_ports;
  options.node_port_loopback = config_.node_port_addresses.contain_loopback();
  options.snat_ports = config_.snat_ports;
  options.policy_rejects = config_.policy_rejects;
  options.express = config_.node_port_xdp && !options.foreign_pods;
  RETURN_IF_ERROR(
      network::reserve_ports(config_.snat_ports, network::SavedSettings(config_.data_dir)),
      "--snat-port-range");
  ASSIGN_OR_RETURN(datapath_, datapath::Datapath::open(options));
  for (const std::string& map : datapath_->recreated_maps())
    spdlog::warn("datapath: entries of map {} cannot be brought over: written anew", map);
  if (options.foreign_pods) return attach_foreign_devices();
  ASSIGN_OR_RETURN(const network::Uplink uplink, network::resolve_uplink(config_.uplink),
                   "--uplink");
  if (uplink.index == 0) return absl::OkStatus();
  datapath::DeviceAddresses addresses;
  for (const IpAddress& ip : config_.node_ips) (ip.is_v4() ? addresses.v4 : addresses.v6) = ip;
  RETURN_IF_ERROR(datapath_->attach_device(uplink.index, addresses), "attach to {}", uplink.name);
  if (options.express) accelerate(uplink);
  return absl::OkStatus();
}

// Not at a virtual pair: what its driver sends back is lost unless the other end polls, which
// nobody here can know (veth_xdp_xmit: no NAPI without GRO or a program of its own).
void Daemon::accelerate(const network::Uplink& uplink) {
  const Status fast = uplink.kind == "veth"
                          ? failed_precondition("one end of a virtual pair may not send back")
                          : datapath_->accelerate_device(uplink.index);
  if (fast.ok()) {
    spdlog::info("NodePorts: accelerated in the driver of {}", uplink.name);
    return;
  }
  spdlog::warn("--node-port-acceleration: {} does not take part, NodePorts go by tc: {}",
               uplink.name, message(fast));
}

void Daemon::make_features() {
  if (config_.has(Role::kKubelet))
    runtime_ = runtime::make_cri_runtime(
        executor_, {.socket = config_.container_runtime, .metrics = &registry_});
  if (config_.has(Role::kNetwork)) {
    make_socket_lb();
    attacher_ = std::make_unique<PodAttacher>(*datapath_, *socket_lb_);
    network_ = std::make_unique<network::Network>(
        executor_,
        network::Options{.node_name = config_.node_name,
                         .run_directory = config_.run_dir,
                         .data_directory = config_.data_dir,
                         .conf_directory = config_.cni_conf_dir,
                         .uplink = config_.uplink,
                         .overlay = *network::parse_overlay_mode(config_.overlay),
                         .carries_clients = config_.direct_answers},
        clock_, attacher_.get());
  }
  if (config_.has(Role::kPolicy)) make_policy();
  if (config_.has(Role::kProxy)) make_proxy();
  if (config_.has(Role::kDns)) {
    dns::Options options{.addresses = config_.cluster_dns, .domain = config_.cluster_domain};
    options.reverse_ranges = config_.service_ranges;
    options.reverse_ranges.insert(options.reverse_ranges.end(), config_.cluster_ranges.begin(),
                                  config_.cluster_ranges.end());
    options.resolver.excluded = config_.cluster_dns;
    dns_view_ = std::make_unique<dns::KubeView>(stores_->services, stores_->slices);
    dns_ = std::make_unique<dns::Dns>(executor_, std::move(options), *dns_view_, clock_);
  }
  if (config_.has(Role::kKubelet)) {
    kubelet::Options options{.node_name = config_.node_name,
                             .data_dir = config_.data_dir / "kubelet",
                             .log_dir = config_.data_dir / "pod-logs",
                             .cgroup_root = config_.cgroup_root,
                             .cluster_domain = config_.cluster_domain,
                             .image_pull_fallback = config_.image_pull_fallback,
                             .apparmor = kubelet::apparmor_enabled()};
    options.runtime_handler = [this](const std::string& name) { return runtime_handler(name); };
    options.served = [this](const std::string& uid) { return stores_->served(uid); };
    for (const IpAddress& ip : config_.node_ips) options.node_ips.push_back(ip.to_string());
    for (const IpAddress& ip : config_.cluster_dns) options.cluster_dns.push_back(ip.to_string());
    events_ = std::make_unique<kube::EventRecorder>(
        executor_, *client_, kube::EventSource{"kubelet", config_.node_name}, clock_);
    kubelet_ = std::make_unique<kubelet::Kubelet>(
        std::move(options),
        kubelet::Dependencies{executor_, *runtime_, *client_, stores_->pods, stores_->services,
                              *events_, clock_, pool_, registry_});
    node::NodeOptions node{.name = config_.node_name,
                           .addresses = config_.node_ips,
                           .kubelet_port = config_.port,
                           .lease_duration = config_.node_lease_duration};
    node_ = std::make_unique<node::NodeAgent>(
        executor_, std::move(node), config_.data_dir, *client_,
        node::NodeAgent::Parts{.runtime = runtime_.get(),
                               .not_ready_because = [this] { return not_ready_because(); },
                               .on_node = [this](const api::Node& self) { node_changed(self); }},
        clock_);
  }
}

void Daemon::start() {
  spawn(executor_, "daemon", run());
  spawn(executor_, "release startup memory", release_startup_memory());
}

awaitable<void> Daemon::run() {
  stores_->start(executor_, config_, client_->shared_transport());
  if (proxy_)
    if (Status started = proxy_->start(); !started.ok() || !(started = start_kube_proxy()).ok()) {
      spdlog::critical("proxy: {}", message(started));
      std::exit(1);
    }
  if (dns_)
    if (const Status started = start_dns(); !started.ok()) {
      spdlog::critical("dns: {}", message(started));
      std::exit(1);
    }
  if (datapath_) spawn(executor_, "flow sweep", sweep_flows());
  start_map_watch();
  start_trace();
  if (node_) node_->start();
  if (network_) co_await run_network();
  if (kubelet_) kubelet_->start();
}

Status Daemon::start_dns() {
  // Queries of the node's pods are answered here.
  RETURN_IF_ERROR(network::add_loopback_addresses(config_.cluster_dns, config_.data_dir));
  return dns_->start();
}

awaitable<void> Daemon::run_network() {
  if (policy_)  // before the pods that are here already are taken up
    if (const Status started = policy_->start(); !started.ok()) {
      spdlog::critical("policy: {}", message(started));
      std::exit(1);
    }
  const Status started = co_await network_->start();
  if (!started.ok()) {
    spdlog::critical("network: {}", message(started));
    std::exit(1);
  }
  if (!node_) {  // without a kubelet of ours the Node arrives through the store
    stores_->nodes.subscribe([this](const auto&, const auto& after) {
      if (after && after->metadata.name == config_.node_name) node_changed(*after);
    });
  }
  stores_->nodes.subscribe([this](const auto& before, const auto& after) {
    if (before && after && network::peer_node(*before) == network::peer_node(*after)) return;
    routes_stale_ = true;
    routes_wanted_.notify();
  });
  spawn(executor_, "socket load balancing", settle_socket_lb());
  spawn(executor_, "routes", sync_routes());
  spawn(executor_, "attachments", collect_attachments());
  if (host_ports_) host_ports_->follow(*network_);
}

void Daemon::node_changed(const api::Node& node) {
  if (!network_ || node.spec.podCIDRs.empty() || node.spec.podCIDRs == pod_ranges_) return;
  pod_ranges_ = node.spec.podCIDRs;
  routes_stale_ = true;
  routes_wanted_.notify();
}

awaitable<void> Daemon::sync_routes() {
  std::vector<std::string> given;
  for (;;) {
    if (!std::exchange(routes_stale_, false)) {
      co_await routes_wanted_.wait();
      continue;
    }
    Status status = absl::OkStatus();
    if (!pod_ranges_.empty() && given != pod_ranges_) {
      const std::vector<std::string> texts = pod_ranges_;
      std::vector<Cidr> ranges;
      for (const std::string& text : texts)
        if (const auto range = Cidr::parse(text); range.ok()) ranges.push_back(*range);
      status = annotate(co_await network_->set_ranges(std::move(ranges)), "set pod ranges");
      if (status.ok()) given = texts;
    }
    if (status.ok() && stores_->nodes.synced()) {
      std::vector<network::PeerNode> peers;
      for (const auto& node : stores_->nodes.list()) peers.push_back(network::peer_node(*node));
      const auto skipped = co_await network_->sync_routes(std::move(peers));
      status = skipped.status();
      if (skipped.ok())
        for (const auto& skip : *skipped)
          spdlog::warn("no route to pods {} of node {}: {}", skip.range.to_string(), skip.node,
                       skip.reason);
    }
    if (status.ok()) continue;
    spdlog::warn("network: {}, retrying in 1s", message(status));
    routes_stale_ = true;
    co_await sleep_for(1s);
  }
}

// Runtimes forget DELs: what no sandbox uses any more is ours to find. Where the runtime is not
// ours to ask, a pod's namespace takes its device along.
awaitable<void> Daemon::collect_attachments() {
  for (;;) {
    co_await sleep_for(kCollectPeriod);
    Status collected = absl::OkStatus();
    if (runtime_) {
      const TimePoint listed_at = clock_.now();
      const auto sandboxes = co_await runtime_->list_sandboxes();
      if (!sandboxes.ok()) continue;
      std::set<std::string> live;
      for (const runtime::Sandbox& sandbox : *sandboxes) live.insert(sandbox.id);
      collected = co_await network_->collect(std::move(live), listed_at);
    } else {
      collected = co_await network_->collect_gone();
    }
    if (!collected.ok())
      spdlog::warn("network: collect attachments: {}, retrying", message(collected));
  }
}

// A pass over a large table takes a while: not on the loop.
awaitable<void> Daemon::sweep_flows() {
  for (;;) {
    co_await sleep_for(kSweepPeriod);
    const Result<datapath::FlowSweeper> sweeper = datapath_->flow_sweeper();
    if (!sweeper.ok()) continue;  // out of descriptors
    const Result<datapath::FlowSweep> swept =
        co_await offload(pool_, [&] { return sweeper->run(datapath::monotonic_now()); });
    if (swept.ok()) {
      last_sweep_ = *swept;
    } else {
      spdlog::warn("sweep flows: {}, retrying", message(swept.status()));
    }
  }
}

std::string Daemon::not_ready_because() const {
  if (network_ && !network_->ready())
    return "pod network is not ready: this node has no pod range yet";
  if (proxy_ && !proxy_->synced()) return "service proxy has not seen all Services yet";
  if (dns_view_ && !dns_view_->ready()) return "cluster DNS has not seen all Services yet";
  return "";
}

}  // namespace skiff::agent
