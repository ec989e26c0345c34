// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/kept_datagrams.h"

#include <netinet/in.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/net/netns.h"
#include "agent/net/socket_diag.h"

namespace skiff::kube_proxy {
namespace {

using namespace std::chrono_literals;

constexpr auto kPoll = 500ms;
constexpr int kPollsALook = 120;  // look for what has come to its end by itself, too
constexpr int kQuietLooks = 2;    // without any: one may have been before the rules were gone

// One frontend may be kept twice: for clients of the cluster and for those outside.
constexpr uint8_t kScopes[] = {SKIFF_SCOPE_INTERNAL, SKIFF_SCOPE_EXTERNAL};

datapath::FrontendKey key_of(const IpAddress& address, uint16_t port, uint8_t scope) {
  return {.address = datapath::to_abi(address),
          .port = datapath::port_be(port),
          .protocol = IPPROTO_UDP,
          .scope = scope};
}

std::vector<datapath::FrontendKey> keys_of(const net::FlowEnd& asked) {
  std::vector<datapath::FrontendKey> keys;
  const IpAddress node_ports =
      datapath::from_abi(datapath::node_port_address(asked.address.is_v4()));
  for (const IpAddress& address : {asked.address, node_ports})
    for (const uint8_t scope : kScopes) keys.push_back(key_of(address, asked.port, scope));
  return keys;
}

Result<bool> serves(const datapath::Maps& maps, const datapath::Frontend& frontend,
                    const net::FlowEnd& backend) {
  for (uint32_t i = 0; i < frontend.count + frontend.draining; ++i) {
    ASSIGN_OR_RETURN(const auto one, maps.backends->get(frontend.base + i));
    if (one && datapath::from_abi(one->address) == backend.address &&
        datapath::port_of(one->port) == backend.port)
      return i < frontend.count || (one->flags & SKIFF_BACKEND_UNREADY) == 0;
  }
  return false;
}

std::vector<datapath::StaleSocket> sockets_of(const std::vector<net::TranslatedFlow>& flows) {
  std::vector<datapath::StaleSocket> stale;
  for (const net::Netns& netns : net::Netns::list_all()) {
    const auto sockets = netns.run(net::connected_datagram_sockets);
    if (!sockets.ok()) continue;  // it may have gone meanwhile
    for (const net::ConnectedSocket& socket : *sockets) {
      const net::FlowEnd local{socket.local, socket.local_port};
      const net::FlowEnd peer{socket.peer, socket.peer_port};
      const bool sends_one = std::ranges::any_of(flows, [&](const net::TranslatedFlow& flow) {
        return flow.source == local && flow.destination == peer;
      });
      if (!sends_one) continue;
      datapath::StaleSocket key{};
      key.cookie = socket.cookie;
      key.backend.address = datapath::to_abi(peer.address);
      key.backend.port = datapath::port_be(peer.port);
      key.protocol = IPPROTO_UDP;
      stale.push_back(key);
    }
  }
  return stale;
}

// The sockets that were told.
Result<int> forget(const std::vector<net::TranslatedFlow>& flows, const AbortSockets& abort) {
  RETURN_IF_ERROR(net::forget(flows));
  std::vector<datapath::StaleSocket> sockets = sockets_of(flows);
  if (sockets.empty()) return 0;
  return abort(std::move(sockets));
}

}  // namespace

Result<KeptDatagrams> plan_kept(const std::vector<net::TranslatedFlow>& flows,
                                const datapath::Maps& maps, const WatchedFrontends& watched) {
  KeptDatagrams plan;
  for (const net::TranslatedFlow& flow : flows) {
    bool ours = false, served = false;
    WatchedFrontends frontends;
    for (const datapath::FrontendKey& key : keys_of(flow.destination)) {
      ours = ours || watched.contains(key);
      ASSIGN_OR_RETURN(const auto frontend, maps.frontends->get(key), "frontend");
      if (!frontend) continue;
      ours = true;
      frontends[key] = frontend->generation;
      ASSIGN_OR_RETURN(const bool here, serves(maps, *frontend, flow.backend), "backend");
      served = served || here;
    }
    if (served) plan.watched.merge(frontends);
    if (ours && !served) plan.stale.push_back(flow);
  }
  return plan;
}

bool have_changed(const WatchedFrontends& watched, const datapath::Maps& maps) {
  return std::ranges::any_of(watched, [&](const auto& one) {
    const auto frontend = maps.frontends->get(one.first);
    return frontend.ok() && (!*frontend || (*frontend)->generation != one.second);
  });
}

awaitable<void> tend_kept_datagrams(asio::thread_pool& pool, const datapath::Maps& maps,
                                    std::function<bool()> ready, AbortSockets abort) {
  while (!ready()) co_await sleep_for(kPoll);
  KeptDatagrams plan;
  for (int quiet = 0; quiet < kQuietLooks;) {
    const auto flows = co_await offload(pool, [] { return net::translated_datagrams(); });
    if (!flows.ok()) {
      spdlog::warn("take over: what kube-proxy began with datagrams stays at its endpoints: {}",
                   message(flows.status()));
      co_return;
    }
    auto next = plan_kept(*flows, maps, plan.watched);
    if (next.ok()) {
      plan = *std::move(next);
      quiet = plan.watched.empty() && plan.stale.empty() ? quiet + 1 : 0;
    } else {
      spdlog::warn("take over: {}, retrying", message(next.status()));
    }
    if (next.ok() && !plan.stale.empty()) {
      const auto told = co_await offload(pool, [&] { return forget(plan.stale, abort); });
      if (!told.ok())
        spdlog::warn("take over: forget datagrams to gone endpoints: {}", message(told.status()));
      else
        spdlog::info("take over: {} flows of datagrams led to gone endpoints, {} sockets told",
                     plan.stale.size(), *told);
    }
    for (int i = 0; i < kPollsALook && !have_changed(plan.watched, maps); ++i)
      co_await sleep_for(kPoll);
  }
}

}  // namespace skiff::kube_proxy
