// SPDX-License-Identifier: Apache-2.0
// The agent process: composes the features its roles ask for, on one loop. The only file that sees
// them all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/attached_host_ports.h"
#include "agent/config.h"
#include "agent/datapath/datapath.h"
#include "agent/datapath/flow_gc.h"
#include "agent/dns/dns.h"
#include "agent/dns/kube_view.h"
#include "agent/kube_proxy/server.h"
#include "agent/kubelet/kubelet.h"
#include "agent/map_watch.h"
#include "agent/network/network.h"
#include "agent/node/node_agent.h"
#include "agent/pod_attacher.h"
#include "agent/policy/policy.h"
#include "agent/proxy/announcer.h"
#include "agent/proxy/proxy.h"
#include "agent/runtime/runtime.h"
#include "agent/server/node_server.h"
#include "agent/socket_lb.h"
#include "agent/stores.h"
#include "agent/trace/hubble/observer.h"
#include "agent/trace/pod_finder.h"
#include "agent/trace/tap_stream.h"
#include "agent/trace/trace.h"
#include "agent/trace/why_node.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/http/server.h"
#include "base/metrics.h"
#include "kube/client.h"
#include "kube/events.h"

namespace skiff::agent {

// Of a network namespace, by path. Blocks for the start of a thread.
Result<uint64_t> cookie_of(const std::string& netns_path);

class Daemon {
 public:
  // Opens the datapath and connects. Blocks; call it before the loop runs, in the node's network
  // namespace.
  static Result<std::unique_ptr<Daemon>> open(const Executor& executor, Config config);
  ~Daemon();

  // Starts everything that runs on the loop. What it has put into the kernel stays when the process
  // ends.
  void start();

 private:
  Daemon(const Executor& executor, Config config);
  Status open_datapath();
  void accelerate(const network::Uplink& uplink);
  Status open_server();
  Status open_node_port();
  void open_foreign_port();
  void open_socket();
  awaitable<Result<std::string>> services_json();
  Status open_trace();
  Status open_hubble();
  void start_trace();
  awaitable<void> trace_pod(network::Attachment attachment);
  std::map<std::string, http::Handler*> make_node_handlers();
  void make_features();
  void make_proxy();
  void open_announcer();
  void make_policy();
  void make_socket_lb();
  awaitable<void> settle_socket_lb();
  Result<std::string> runtime_handler(const std::string& runtime_class) const;
  Status start_kube_proxy();
  Status start_dns();
  kube_proxy::Health proxy_health();
  Status attach_foreign_devices();
  awaitable<void> watch_foreign_devices();
  awaitable<void> run();
  awaitable<void> run_network();
  awaitable<void> collect_attachments();
  awaitable<void> sweep_flows();
  void start_map_watch();
  void node_changed(const api::Node& node);
  awaitable<void> sync_routes();
  std::string not_ready_because() const;
  std::string metrics_text();

  Executor executor_;
  Config config_;
  SystemClock clock_;
  metrics::Registry registry_;
  asio::thread_pool pool_{4};
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<runtime::Runtime> runtime_;
  std::unique_ptr<datapath::Datapath> datapath_;
  std::unique_ptr<SocketLb> socket_lb_;
  std::unique_ptr<PodAttacher> attacher_;
  std::unique_ptr<network::Network> network_;
  std::unique_ptr<kube::EventRecorder> proxy_events_;
  std::unique_ptr<AttachedHostPorts> host_ports_;  // where no kubelet of ours tells of pods
  std::unique_ptr<proxy::Announcer> announcer_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::unique_ptr<policy::Policy> policy_;
  std::unique_ptr<kube_proxy::Server> kube_proxy_;
  std::map<int, datapath::DeviceAddresses> foreign_devices_;  // by index; of nodes with another CNI
  TimePoint started_;
  TimePoint last_settled_;  // when no change of a Service was waiting
  std::unique_ptr<dns::KubeView> dns_view_;
  std::unique_ptr<dns::Dns> dns_;
  std::unique_ptr<MapWatch> map_watch_;
  std::unique_ptr<kube::EventRecorder> events_;
  std::unique_ptr<kubelet::Kubelet> kubelet_;
  std::unique_ptr<node::NodeAgent> node_;
  std::unique_ptr<trace::Trace> trace_;
  std::map<std::string, uint64_t> traced_pods_;   // namespace cookies, by attachment
  std::unique_ptr<trace::PodFinder> pod_finder_;  // where another CNI attaches pods
  std::unique_ptr<trace::WhyHandler> why_;
  std::unique_ptr<trace::TapHandler> taps_;
  std::unique_ptr<trace::hubble::Peers> hubble_peers_;
  std::unique_ptr<trace::hubble::Observer> hubble_;
  std::unique_ptr<server::NodeServer> node_server_;
  std::unique_ptr<http::Handler> livez_;
  std::unique_ptr<http::Handler> guard_;  // before node_server_
  std::unique_ptr<http::Server> listener_;
  std::unique_ptr<http::Server> socket_;  // for root of this node
  std::vector<std::string> pod_ranges_;   // as last given to the network
  datapath::FlowSweep last_sweep_;
  bool routes_stale_ = true;
  Event routes_wanted_;
};

}  // namespace skiff::agent
