// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/proxy.h"

#include <netinet/in.h>
#include <spdlog/spdlog.h>

#include "agent/proxy/stale_sockets.h"

namespace skiff::proxy {
namespace {

constexpr const char* kServiceName = "kubernetes.io/service-name";
constexpr const char* kByService = "service";
constexpr const char* kZone = "topology.kubernetes.io/zone";

std::vector<std::string> service_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.labels.find(kServiceName);
  if (it == slice.metadata.labels.end()) return {};
  return {slice.metadata.namespace_ + "/" + it->second};
}

bool has_outside_address(const api::Service& service) {
  return !service.spec.externalIPs.empty() || !service.status.loadBalancer.ingress.empty();
}

// Ranges that are not Services', among them the addresses in the Services' range that the node
// itself answers: the longer prefix wins.
std::vector<Cidr> pass_ranges(const ProxyOptions& options) {
  std::vector<Cidr> ranges = options.cluster_ranges;
  for (const IpAddress& address : options.answered_here)
    ranges.emplace_back(address, address.is_v4() ? 32 : 128);
  return ranges;
}

}  // namespace

Proxy::Proxy(const Executor& executor, ProxyOptions options, ProxyStores stores,
             datapath::Datapath& datapath, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      stores_(stores),
      datapath_(datapath),
      clock_(clock),
      writer_(datapath.maps(), clock),
      metrics_(options_.metrics),
      health_(executor, "::", [this] { return synced_; }),
      loop_(executor, {.name = "proxy", .workers = 1}, *this) {
  view_.node = options_.node_name;
  if (stores_.pods)
    host_ports_ =
        std::make_unique<HostPorts>(executor,
                                    HostPorts::Options{.node_addresses = options_.node_addresses,
                                                       .events = options_.events,
                                                       .on_settled =
                                                           [this] {
                                                             if (watching_) prune_if_settled();
                                                           }},
                                    *stores_.pods, writer_);
}

Status Proxy::start() {
  RETURN_IF_ERROR(writer_.restore(), "restore services");
  RETURN_IF_ERROR(datapath_.set_ranges(pass_ranges(options_), options_.service_ranges));
  stores_.slices.add_index(kByService, service_of);
  if (options_.announce_on != 0) {
    auto announcer = Announcer::open(executor_, options_.announce_on);
    if (announcer.ok()) {
      announcer_ = std::move(*announcer);
    } else {
      spdlog::warn("proxy: load balancer addresses are not announced: {}, ignoring",
                   message(announcer.status()));
    }
  }
  spawn(executor_, "proxy", run());
  return absl::OkStatus();
}

awaitable<void> Proxy::run() {
  co_await stores_.services.wait_synced();
  co_await stores_.slices.wait_synced();
  co_await stores_.nodes.wait_synced();
  if (stores_.pods) co_await stores_.pods->wait_synced();
  nodes_changed();
  sync_all();
  if (host_ports_) host_ports_->sync_all();
  write_wildcards();
  prune_if_settled();
  synced_ = true;
  metrics_.sizes(writer_);
  watch();
  announce();
  spawn(executor_, "stale sockets", abort_stale_sockets());
  loop_.start();
  if (host_ports_) host_ports_->start();
}

void Proxy::sync_all() {
  for (const auto& service : stores_.services.list()) unsettled_.insert(kube::key_of(*service));
  for (const auto& service : stores_.services.list()) {
    const kube::ObjectKey key = kube::key_of(*service);
    const Status synced = sync(key);
    if (synced.ok()) continue;
    spdlog::warn("proxy {}: {}, retrying", key, message(synced));
    loop_.enqueue(key);
  }
}

// What an earlier agent left goes once all that is to stay has been claimed, the last retry
// included.
void Proxy::prune_if_settled() {
  if (pruned_ || !unsettled_.empty() || (host_ports_ && !host_ports_->settled())) return;
  if (const Status pruned = writer_.prune(); !pruned.ok()) {
    spdlog::warn("proxy: {}, retrying at the next change", message(pruned));
    return;
  }
  pruned_ = true;
}

// What is in the stores by now has been written: only what comes from here on counts.
void Proxy::watch() {
  stores_.services.subscribe([this](const auto& before, const auto& after) {
    if (!watching_) return;
    const kube::ObjectKey key = kube::key_of(after ? *after : *before);
    metrics_.service_changed(key, clock_.now());
    loop_.enqueue(key);
  });
  stores_.slices.subscribe([this](const SlicePtr& before, const SlicePtr& after) {
    const SlicePtr& slice = after ? after : before;
    const auto it = slice->metadata.labels.find(kServiceName);
    if (!watching_ || it == slice->metadata.labels.end()) return;
    const kube::ObjectKey key{slice->metadata.namespace_, it->second};
    metrics_.endpoints_changed(key, before, after, clock_.now());
    loop_.enqueue(key);
  });
  stores_.nodes.subscribe([this](const auto&, const auto&) {
    if (watching_) nodes_changed();
  });
  watching_ = true;
}

// Nodes change every few seconds, their addresses and zones hardly ever.
void Proxy::nodes_changed() {
  std::vector<IpAddress> local;
  std::vector<IpAddress> others;
  std::string zone;
  for (const auto& node : stores_.nodes.list()) {
    const bool self = node->metadata.name == options_.node_name;
    for (const api::NodeAddress& address : node->status.addresses)
      if (const auto ip = IpAddress::parse(address.address);
          ip.ok() && address.type == "InternalIP")
        (self ? local : others).push_back(*ip);
    const auto label = node->metadata.labels.find(kZone);
    if (self && label != node->metadata.labels.end()) zone = label->second;
  }
  const bool moved = std::exchange(view_.zone, zone) != zone;
  std::set<IpAddress> all(local.begin(), local.end());
  all.insert(others.begin(), others.end());
  const bool readdressed = all != view_.node_addresses;
  if (readdressed) {
    const Status written = datapath_.set_nodes(local, others);
    if (written.ok()) {
      view_.node_addresses = std::move(all);
    } else {
      spdlog::warn("proxy: {}, retrying at the next change of a node", message(written));
    }
  }
  if (!synced_) return;
  if (moved || readdressed) look_again(moved);
  if (!load_balancers_.empty()) announce();
}

// At `all` Services, or at those whose addresses may be a node's.
void Proxy::look_again(bool all) {
  for (const auto& service : stores_.services.list())
    if (all || has_outside_address(*service)) loop_.enqueue(kube::key_of(*service));
}

awaitable<Result<kube::Outcome>> Proxy::reconcile(const kube::ObjectKey& key) {
  const Status synced = sync(key);
  prune_if_settled();
  CO_RETURN_IF_ERROR(synced);
  metrics_.sizes(writer_);
  write_wildcards();
  if (load_balancers_.contains(key) || announced_.contains(key)) announce();
  if (!aborting_) spawn(executor_, "stale sockets", abort_stale_sockets());
  co_return kube::Outcome::done();
}

Status Proxy::sync(const kube::ObjectKey& key) {
  const TimePoint began = clock_.now();
  const auto service = stores_.services.get(key);
  ServicePlan plan;
  const auto cluster_ip = IpAddress::parse(service ? service->spec.clusterIP : "");
  const bool here = cluster_ip.ok() && options_.answered_here.contains(*cluster_ip);
  if (service && !here)
    plan = plan_service(*service, stores_.slices.by_index(kByService, key.to_string()), view_);
  const Status applied = apply(key, plan);
  metrics_.synced(key, began, clock_.now(), applied);
  metrics_.no_local_endpoints(key, plan);
  tell(key, plan, applied);
  return applied;
}

Status Proxy::apply(const kube::ObjectKey& key, const ServicePlan& plan) {
  const Status written = writer_.apply(key.to_string(), plan.frontends);
  if (settles(written)) unsettled_.erase(key);
  if (host_ports_)
    for (const Frontend& frontend : plan.frontends)
      if (frontend.node_port)
        host_ports_->node_port_taken(frontend.key.protocol, frontend.key.port);
  if (plan.load_balancer_addresses.empty()) {
    load_balancers_.erase(key);
  } else {
    load_balancers_[key] = {plan.load_balancer_addresses.begin(),
                            plan.load_balancer_addresses.end()};
  }
  const Status served = health_.set(key, plan.health_port, plan.local_ready);
  return written.ok() ? served : written;
}

// Says once what is asked for and not served.
void Proxy::tell(const kube::ObjectKey& key, const ServicePlan& plan, const Status& applied) {
  std::vector<std::string> refused = plan.refused;
  if (applied.code() == StatusCode::kResourceExhausted ||
      applied.code() == StatusCode::kAlreadyExists)
    refused.emplace_back(message(applied));
  if (refused.empty()) {
    told_.erase(key);
    return;
  }
  std::vector<std::string>& before = told_[key];
  if (before == refused) return;
  const auto service = stores_.services.get(key);
  for (const std::string& reason : refused) {
    metrics_.refused();
    if (options_.events && service)
      options_.events->warning(
          kube::reference_to(*service),
          applied.code() == StatusCode::kResourceExhausted ? "ServiceMapFull" : "FrontendRefused",
          reason);
  }
  before = std::move(refused);
}

// A load balancer's address belongs to its Service whole: other ports of it are refused, as those
// of ClusterIPs are, and never handed to the node.
void Proxy::write_wildcards() {
  std::set<IpAddress> addresses;
  for (const auto& [key, own] : load_balancers_) addresses.insert(own.begin(), own.end());
  if (addresses == wildcards_) return;
  const Status written = writer_.apply("load balancers", wildcard_frontends(addresses));
  if (written.ok()) {
    wildcards_ = std::move(addresses);
  } else {
    spdlog::warn("proxy: load balancer addresses: {}, retrying at the next change",
                 message(written));
  }
}

// Answers on the segment for the addresses that are this node's to answer for.
void Proxy::announce() {
  if (!announcer_) return;
  std::vector<ServicePtr> services;
  announced_.clear();
  for (const auto& [key, addresses] : load_balancers_) {
    announced_.insert(key);
    if (auto service = stores_.services.get(key)) services.push_back(std::move(service));
  }
  announcer_->set(plan_announcements(
      services, stores_.nodes.list(),
      [this](const api::Service& service) {
        return stores_.slices.by_index(kByService, kube::key_of(service).to_string());
      },
      options_.node_name));
}

// A connected UDP socket is bound to its backend for good: nothing tells its program that nobody is
// there any more. The programs of the datapath note which socket asked for which Service.
awaitable<void> Proxy::abort_stale_sockets() {
  aborting_ = true;
  while (writer_.take_lost_udp()) {
    std::vector<datapath::ReverseSocketKey> stale;
    const Status read = datapath_.maps().reverse_sockets->for_each(
        [&](const datapath::ReverseSocketKey& key, const datapath::ReverseSocket& value) {
          if (!writer_.serves(value.frontend, IPPROTO_UDP, key.backend)) stale.push_back(key);
        });
    if (!read.ok()) spdlog::warn("proxy: read sockets: {}, ignoring", message(read));
    if (stale.empty()) continue;
    std::vector<std::string> namespaces;
    if (options_.pod_namespaces) namespaces = options_.pod_namespaces();
    const Result<int> aborted = co_await offload(
        pool_, [&] { return abort_sockets(std::move(stale), std::move(namespaces)); });
    if (aborted.ok()) {
      metrics_.stale_sockets(*aborted);
    } else {
      spdlog::warn("proxy: stale sockets: {}, ignoring", message(aborted.status()));
    }
  }
  aborting_ = false;
}

}  // namespace skiff::proxy
