// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/proxy.h"

#include <spdlog/spdlog.h>

#include "agent/proxy/service_use.h"
#include "agent/proxy/stale_sockets.h"
#include "kube/endpoint_slices.h"

namespace skiff::proxy {
namespace {

constexpr size_t kServicesShown = 1000;  // five lines each to whoever scrapes
constexpr auto kLookPeriod = std::chrono::seconds(30);

bool has_outside_address(const api::Service& service) {
  return !service.spec.externalIPs.empty() || !service.status.loadBalancer.ingress.empty();
}

// Ranges that are not Services', among them the addresses in the Services' range that the node
// itself answers: the longer prefix wins.
std::vector<Cidr> pass_ranges(const ProxyOptions& options) {
  std::vector<Cidr> ranges = options.unmasked_ranges;
  for (const IpAddress& address : options.answered_here)
    ranges.emplace_back(address, address.is_v4() ? 32 : 128);
  return ranges;
}

}  // namespace

Proxy::Proxy(const Executor& executor, ProxyOptions options, ProxyStores stores,
             ProxyMachine machine, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      stores_(stores),
      machine_(std::move(machine)),
      clock_(clock),
      writer_(machine_.maps, clock),
      metrics_(options_.metrics),
      health_(executor, "::", [this] { return synced_; }),
      loop_(executor, {.name = "proxy", .workers = 1}, *this) {
  view_.node = options_.node_name;
  view_.node_ports = options_.node_ports;
  view_.direct_answers = options_.direct_answers;
  if (stores_.pods)
    host_ports_ =
        std::make_unique<HostPorts>(executor,
                                    HostPorts::Options{.node_addresses = options_.node_addresses,
                                                       .own_addresses = machine_.own_addresses,
                                                       .events = options_.events,
                                                       .on_settled =
                                                           [this] {
                                                             if (watching_) prune_if_settled();
                                                           }},
                                    *stores_.pods, writer_);
}

Status Proxy::start() {
  RETURN_IF_ERROR(writer_.restore(), "restore services");
  RETURN_IF_ERROR(machine_.set_ranges(pass_ranges(options_), options_.service_ranges));
  kube::index_slices(stores_.slices);
  spawn(executor_, "proxy", run());
  return absl::OkStatus();
}

awaitable<void> Proxy::run() {
  co_await stores_.services.wait_synced();
  co_await stores_.slices.wait_synced();
  co_await stores_.nodes.wait_synced();
  if (stores_.pods) co_await stores_.pods->wait_synced();
  nodes_changed();
  const TimePoint began = clock_.now();
  sync_all();
  metrics_.all_synced(began, clock_.now());
  if (host_ports_) host_ports_->sync_all();
  write_wildcards();
  prune_if_settled();
  synced_ = true;
  metrics_.sizes(writer_);
  watch();
  announce();
  spawn(executor_, "stale sockets", abort_stale_sockets());
  spawn(executor_, "proxy machine", look_at_machine());
  loop_.start();
  if (host_ports_) host_ports_->start();
}

void Proxy::sync_all() {
  const std::vector<kube::ObjectKey> keys = stores_.services.keys();
  unsettled_.insert(keys.begin(), keys.end());
  for (const kube::ObjectKey& key : keys) {
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
    const auto key = kube::service_of(after ? *after : *before);
    if (!watching_ || !key) return;
    metrics_.endpoints_changed(*key, before, after, clock_.now());
    loop_.enqueue(*key);
  });
  stores_.nodes.subscribe([this](const auto&, const auto&) {
    if (watching_) nodes_changed();
  });
  watching_ = true;
}

// Nodes change every few seconds, their addresses and zones hardly ever.
void Proxy::nodes_changed() {
  std::vector<IpAddress> own;
  if (!options_.node_port_addresses.primary()) {
    auto found = machine_.own_addresses();
    if (!found.ok()) spdlog::warn("proxy: {}, ignoring", message(found.status()));
    if (found.ok()) own = std::move(*found);
  }
  NodeView now =
      view_nodes(stores_.nodes.list(), options_.node_name, options_.node_port_addresses, own);
  const bool moved = std::exchange(view_.zone, now.zone) != now.zone;
  std::set<std::string> changed;
  if (view_.live_nodes)
    std::ranges::set_symmetric_difference(now.live, *view_.live_nodes,
                                          std::inserter(changed, changed.end()));
  view_.live_nodes = std::move(now.live);
  const bool readdressed = now.node_addresses != view_.node_addresses;
  if (now.addresses != node_addresses_) {
    const Status written = machine_.set_nodes(now.addresses);
    if (written.ok()) {
      node_addresses_ = std::move(now.addresses);
      view_.node_addresses = std::move(now.node_addresses);
    } else {
      spdlog::warn("proxy: {}, retrying at the next change of a node", message(written));
    }
  }
  if (!synced_) return;
  if (moved || readdressed) look_again(moved);
  if (!changed.empty()) look_at_endpoints_of(changed);
  if (!load_balancers_.empty()) announce();
}

// What nobody tells of: addresses that devices get or lose, ports that processes take for
// themselves in the range that masquerading chooses from.
awaitable<void> Proxy::look_at_machine() {
  for (;;) {
    if (const Status reserved = co_await reserve_ports(); !reserved.ok())
      spdlog::warn("proxy: ports in use: {}, retrying", message(reserved));
    co_await sleep_for(kLookPeriod);
    if (!options_.node_port_addresses.primary()) nodes_changed();
  }
}

awaitable<Status> Proxy::reserve_ports() {
  CO_ASSIGN_OR_RETURN(std::set<uint16_t> ports, co_await offload(pool_, [this] {
                        return machine_.ports_in_use(options_.snat_ports);
                      }));
  co_return writer_.reserve_ports(std::move(ports));
}

// At `all` Services, or at those whose addresses may be a node's.
void Proxy::look_again(bool all) {
  stores_.services.each([&](const ServicePtr& service) {
    if (all || has_outside_address(*service)) loop_.enqueue(kube::key_of(*service));
  });
}

// Whether an endpoint's node lives says what becomes of its clients when it goes.
void Proxy::look_at_endpoints_of(const std::set<std::string>& nodes) {
  stores_.slices.each([&](const SlicePtr& slice) {
    const auto key = kube::service_of(*slice);
    if (key && std::ranges::any_of(slice->endpoints, [&](const api::Endpoint& endpoint) {
          return endpoint.nodeName && nodes.contains(*endpoint.nodeName);
        }))
      loop_.enqueue(*key);
  });
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
    plan = plan_service(*service, stores_.slices.by_index(kube::kSlicesByService, key.to_string()),
                        view_);
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

std::vector<prometheus::MetricFamily> Proxy::service_metrics() const {
  const auto uses = read_service_use(machine_.maps, writer_.service_ports());
  if (!uses.ok()) return {};
  return proxy::service_metrics(*uses, kServicesShown, datapath::monotonic_now(), clock_.now());
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
  if (!machine_.announce) return;
  const auto segments = machine_.segments();
  if (!segments.ok()) {
    spdlog::warn("proxy: load balancer addresses: {}, retrying at the next change",
                 message(segments.status()));
    return;
  }
  std::vector<ServicePtr> services;
  announced_.clear();
  for (const auto& [key, addresses] : load_balancers_) {
    announced_.insert(key);
    if (auto service = stores_.services.get(key)) services.push_back(std::move(service));
  }
  machine_.announce(plan_announcements(
      services, stores_.nodes.list(),
      [this](const api::Service& service) {
        return stores_.slices.by_index(kube::kSlicesByService, kube::key_of(service).to_string());
      },
      options_.node_name, *segments));
}

// A socket that was balanced keeps its backend for good: nothing tells its program that nobody is
// there any more. The programs of the datapath note which socket asked for which Service. A pass
// over 65,536 sockets takes some ten milliseconds: not on the loop.
awaitable<void> Proxy::abort_stale_sockets() {
  aborting_ = true;
  for (LostBackends lost = writer_.take_lost(); !lost.empty(); lost = writer_.take_lost()) {
    const auto concerned =
        co_await offload(pool_, [&] { return sockets_of(*machine_.maps.reverse_sockets, lost); });
    if (!concerned.ok())
      spdlog::warn("proxy: read sockets: {}, ignoring", message(concerned.status()));
    std::vector<datapath::StaleSocket> stale;
    for (const BalancedSocket& each : concerned.ok() ? *concerned : std::vector<BalancedSocket>())
      if (!writer_.serves(each.asked, static_cast<uint8_t>(each.socket.protocol),
                          each.socket.backend))
        stale.push_back(each.socket);
    if (stale.empty()) continue;
    const Result<int> aborted =
        co_await offload(pool_, [&] { return machine_.abort_sockets(std::move(stale)); });
    if (aborted.ok()) {
      metrics_.stale_sockets(*aborted);
    } else {
      spdlog::warn("proxy: stale sockets: {}, ignoring", message(aborted.status()));
    }
  }
  aborting_ = false;
}

}  // namespace skiff::proxy
