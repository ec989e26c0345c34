// SPDX-License-Identifier: Apache-2.0
// Node IPAM: gives each node its own range of pod addresses (spec.podCIDRs), a /24 of IPv4 and a
// /64 of IPv6, out of the cluster's ranges. A range is free again when its node is deleted.
#pragma once

#include <span>
#include <vector>

#include "base/ip.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

// Pure. One free range out of each of `cluster_ranges`; RESOURCE_EXHAUSTED names the range that is
// full.
Result<std::vector<Cidr>> plan_node_ranges(std::span<const Cidr> cluster_ranges,
                                           std::span<const std::shared_ptr<const api::Node>> nodes);

class NodeIpamReconciler final : public kube::Reconciler {
 public:
  NodeIpamReconciler(kube::Client client, Stores& stores, std::vector<Cidr> cluster_ranges)
      : client_(std::move(client)), stores_(stores), cluster_ranges_(std::move(cluster_ranges)) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  kube::Client client_;
  Stores& stores_;
  std::vector<Cidr> cluster_ranges_;
};

}  // namespace skiff::controllers
