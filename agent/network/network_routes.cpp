// SPDX-License-Identifier: Apache-2.0
// The ways to other nodes: routes, the overlay, and what it leaves of the MTU.
#include "agent/network/network.h"
#include "agent/network/pod_link.h"

namespace skiff::network {
namespace {

Result<RoutePlan> plan_now(net::Netlink& netlink, const std::vector<PeerNode>& nodes,
                           const PeerNode& self, const Fabric& fabric) {
  ASSIGN_OR_RETURN(const auto observed,
                   net::list_routes(netlink, {.protocol = net::kProtocolSkiff}));
  return plan_routes(nodes, self, fabric, observed);
}

struct Prepared {
  RoutePlan plan;
  Overlay overlay;
};

// The overlay's device comes before the routes that name it.
Result<Prepared> prepare(const std::vector<PeerNode>& nodes, const PeerNode& self, Fabric fabric,
                         uint32_t uplink_mtu) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(fabric.segments, net::list_segments(netlink));
  Prepared prepared;
  ASSIGN_OR_RETURN(prepared.plan, plan_now(netlink, nodes, self, fabric));
  if (prepared.plan.tunnels.empty()) return prepared;
  ASSIGN_OR_RETURN(fabric.overlay_index,
                   ensure_overlay_link(netlink, overlay_mtu(uplink_mtu, prepared.plan.tunnels)));
  ASSIGN_OR_RETURN(prepared.plan, plan_now(netlink, nodes, self, fabric));
  prepared.overlay = {.link_index = fabric.overlay_index, .tunnels = prepared.plan.tunnels};
  return prepared;
}

Status apply_now(const RoutePlan& plan) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(apply(netlink, plan));
  return plan.tunnels.empty() ? remove_overlay_link(netlink) : absl::OkStatus();
}

}  // namespace

awaitable<Result<std::vector<RoutePlan::Skipped>>> Network::sync_routes(
    std::vector<PeerNode> nodes) {
  PeerNode self{.name = options_.node_name};
  for (const PeerNode& node : nodes)
    if (node.name == options_.node_name) self = node;
  self.pod_ranges = ipam_.ranges();
  CO_ASSIGN_OR_RETURN(
      Prepared prepared, co_await offload(workers_, [&] {
        return prepare(nodes, self,
                       {.overlay = options_.overlay, .carries_clients = options_.carries_clients},
                       uplink_.mtu);
      }));
  const bool any = !prepared.overlay.tunnels.empty();
  const uint32_t mtu = any ? overlay_mtu(uplink_.mtu, prepared.overlay.tunnels) : uplink_.mtu;
  // Before the routes: what follows them finds where to go.
  if (attacher_ != nullptr)
    CO_RETURN_IF_ERROR(co_await attacher_->set_overlay(prepared.overlay), "overlay");
  CO_RETURN_IF_ERROR(co_await offload(workers_, [&] { return apply_now(prepared.plan); }));
  if (options_.mtu == 0) CO_RETURN_IF_ERROR(co_await set_pod_mtu(mtu), "MTU of pods");
  co_return std::move(prepared.plan.skipped);
}

// New pods are born with it, those that run are given it.
awaitable<Status> Network::set_pod_mtu(uint32_t mtu) {
  pod_mtu_ = mtu;
  Status first = absl::OkStatus();
  for (const Attachment& pod : pods()) {
    if (pod.mtu == mtu) continue;
    const KeyedLock::Guard guard = co_await lock_.acquire(pod.key());
    const auto it = attachments_.find(pod.key());
    if (it == attachments_.end() || !it->second.attached) continue;
    Attachment changed = it->second;
    changed.mtu = mtu;
    const Status status = co_await offload(workers_, [this, &changed]() -> Status {
      RETURN_IF_ERROR(set_pod_link_mtu(changed), "pod {}/{}", changed.pod_namespace,
                      changed.pod_name);
      return journal_.write(changed);
    });
    if (status.ok()) attachments_[pod.key()] = changed;
    first.Update(status);
  }
  co_return first;
}

}  // namespace skiff::network
