// SPDX-License-Identifier: Apache-2.0
// The agent in kube-proxy's place: its health and metrics addresses on every node, and on somebody
// else's cluster the take-over of its rules and the devices that no CNI of ours names.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/kube_proxy/devices.h"
#include "agent/kube_proxy/kept_datagrams.h"
#include "agent/kube_proxy/takeover.h"
#include "agent/net/address.h"
#include "agent/network/node_setup.h"
#include "agent/proxy/stale_sockets.h"

namespace skiff::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kDevicePeriod = 10s;

// What hides clients behind `device`: the node's own addresses if the device has them.
Result<datapath::DeviceAddresses> addresses_of(net::Netlink& netlink, int device,
                                               const std::vector<IpAddress>& node_ips) {
  ASSIGN_OR_RETURN(const auto list, net::list_addresses(netlink, device));
  datapath::DeviceAddresses found;
  for (const net::InterfaceAddress& address : list) {
    IpAddress& slot = address.ip.is_v4() ? found.v4 : found.v6;
    const bool own = std::find(node_ips.begin(), node_ips.end(), address.ip) != node_ips.end();
    if (own || (slot.is_unspecified() && !address.ip.is_link_local())) slot = address.ip;
  }
  return found;
}

TimePoint wall(std::chrono::steady_clock::time_point at, TimePoint now) {
  return now - std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - at);
}

}  // namespace

Status Daemon::attach_foreign_devices() {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const network::Uplink uplink, network::resolve_uplink(config_.uplink),
                   "--uplink");
  ASSIGN_OR_RETURN(const std::vector<net::Link> links, net::list_links(netlink));
  std::map<int, datapath::DeviceAddresses> wanted;
  for (const net::Link& link : links) {
    if (link.index != uplink.index && !kube_proxy::leads_outside(link)) continue;
    ASSIGN_OR_RETURN(wanted[link.index], addresses_of(netlink, link.index, config_.node_ips),
                     "addresses of {}", link.name);
    const auto known = foreign_devices_.find(link.index);
    if (known != foreign_devices_.end() && known->second == wanted[link.index]) continue;
    RETURN_IF_ERROR(datapath_->attach_device(link.index, wanted[link.index]), "attach to {}",
                    link.name);
    spdlog::info("serving Services on device {}", link.name);
  }
  for (const auto& [index, addresses] : foreign_devices_)
    if (!wanted.contains(index)) (void)datapath_->detach_device(index);  // it has gone
  foreign_devices_ = std::move(wanted);
  return absl::OkStatus();
}

awaitable<void> Daemon::watch_foreign_devices() {
  for (;;) {
    co_await sleep_for(kDevicePeriod);
    if (const Status attached = attach_foreign_devices(); !attached.ok())
      spdlog::warn("devices: {}, retrying", message(attached));
  }
}

kube_proxy::Health Daemon::proxy_health() {
  const TimePoint now = clock_.now();
  kube_proxy::Health health{.synced = proxy_->synced(),
                            .behind_since = std::nullopt,
                            .started = started_,
                            .last_updated = last_settled_,
                            .node_eligible = true};
  if (const auto since = proxy_->behind_since()) health.behind_since = wall(*since, now);
  if (health.synced && !health.behind_since) last_settled_ = health.last_updated = now;
  if (const auto self = stores_->nodes.get({"", config_.node_name}))
    health.node_eligible = kube_proxy::is_eligible(*self);
  return health;
}

Status Daemon::start_kube_proxy() {
  kube_proxy_ = std::make_unique<kube_proxy::Server>(
      executor_,
      kube_proxy::ServerOptions{.health_address = config_.healthz_bind_address,
                                .metrics_address = config_.metrics_bind_address,
                                .health = [this] { return proxy_health(); },
                                .metrics = [this] { return metrics_text(); },
                                .registry = &registry_},
      clock_);
  RETURN_IF_ERROR(kube_proxy_->start());
  if (!config_.has(Role::kNetwork)) spawn(executor_, "devices", watch_foreign_devices());
  if (config_.take_over) {
    const auto ready = [this] { return proxy_->synced() && kube_proxy_->has_health_port(); };
    spawn(executor_, "take over", kube_proxy::take_over(pool_, ready));
    spawn(executor_, "kept datagrams",
          kube_proxy::tend_kept_datagrams(pool_, datapath_->maps(), ready, proxy::abort_sockets));
  }
  return absl::OkStatus();
}

}  // namespace skiff::agent
