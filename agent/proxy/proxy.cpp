// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/proxy.h"

#include <netinet/in.h>
#include <spdlog/spdlog.h>

#include "agent/proxy/stale_sockets.h"

namespace skiff::proxy {
namespace {

constexpr const char* kServiceName = "kubernetes.io/service-name";
constexpr const char* kByService = "service";

std::vector<std::string> service_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.labels.find(kServiceName);
  if (it == slice.metadata.labels.end()) return {};
  return {slice.metadata.namespace_ + "/" + it->second};
}

}  // namespace

Proxy::Proxy(const Executor& executor, ProxyOptions options, ProxyStores stores,
             datapath::Datapath& datapath, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      stores_(stores),
      datapath_(datapath),
      writer_(datapath.maps(), clock),
      loop_(executor, {.name = "proxy", .workers = 1}, *this) {}

Status Proxy::start() {
  RETURN_IF_ERROR(writer_.restore(), "restore services");
  RETURN_IF_ERROR(datapath_.set_ranges(options_.cluster_ranges, options_.service_ranges));
  stores_.slices.add_index(kByService, service_of);
  spawn(executor_, "proxy", run());
  return absl::OkStatus();
}

awaitable<void> Proxy::run() {
  co_await stores_.services.wait_synced();
  co_await stores_.slices.wait_synced();
  co_await stores_.nodes.wait_synced();
  watch();
  bool complete = true;
  for (const auto& service : stores_.services.list()) {
    const kube::ObjectKey key = kube::key_of(*service);
    const auto applied = co_await reconcile(key);
    if (applied.ok()) continue;
    complete = false;  // the loop tries it again; what is in the maps for it stays
    spdlog::warn("proxy {}: {}, retrying", key, message(applied.status()));
    loop_.enqueue(key);
  }
  if (complete)
    if (const Status pruned = writer_.prune(); !pruned.ok())
      spdlog::warn("proxy: {}, ignoring", message(pruned));
  synced_ = true;
  spawn(executor_, "stale sockets", abort_stale_sockets());
  loop_.start();
}

void Proxy::watch() {
  stores_.services.subscribe([this](const auto& before, const auto& after) {
    loop_.enqueue(kube::key_of(after ? *after : *before));
  });
  stores_.slices.subscribe([this](const SlicePtr& before, const SlicePtr& after) {
    const SlicePtr& slice = after ? after : before;
    const auto it = slice->metadata.labels.find(kServiceName);
    if (it != slice->metadata.labels.end()) loop_.enqueue({slice->metadata.namespace_, it->second});
  });
  stores_.nodes.subscribe([this](const auto&, const auto&) { write_nodes(); });
}

void Proxy::write_nodes() {
  std::vector<IpAddress> local;
  std::vector<IpAddress> others;
  for (const auto& node : stores_.nodes.list())
    for (const api::NodeAddress& address : node->status.addresses)
      if (const auto ip = IpAddress::parse(address.address);
          ip.ok() && address.type == "InternalIP")
        (node->metadata.name == options_.node_name ? local : others).push_back(*ip);
  std::set<IpAddress> all(local.begin(), local.end());
  all.insert(others.begin(), others.end());
  if (all == node_addresses_)
    return;  // nodes change every few seconds, their addresses hardly ever
  const Status written = datapath_.set_nodes(local, others);
  if (written.ok()) {
    node_addresses_ = std::move(all);
  } else {
    spdlog::warn("proxy: {}, retrying at the next change of a node", message(written));
  }
}

awaitable<Result<kube::Outcome>> Proxy::reconcile(const kube::ObjectKey& key) {
  const auto service = stores_.services.get(key);
  std::vector<Frontend> wanted;
  const auto cluster_ip = IpAddress::parse(service ? service->spec.clusterIP : "");
  const bool here = cluster_ip.ok() && options_.answered_here.contains(*cluster_ip);
  if (service && !here)
    wanted = plan_service(*service, stores_.slices.by_index(kByService, key.to_string()),
                          options_.node_name);
  CO_RETURN_IF_ERROR(writer_.apply(key.to_string(), wanted));
  if (synced_ && !aborting_) spawn(executor_, "stale sockets", abort_stale_sockets());
  co_return kube::Outcome::done();
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
    if (!aborted.ok())
      spdlog::warn("proxy: stale sockets: {}, ignoring", message(aborted.status()));
  }
  aborting_ = false;
}

}  // namespace skiff::proxy
