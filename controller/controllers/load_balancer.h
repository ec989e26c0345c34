// SPDX-License-Identifier: Apache-2.0
// LoadBalancer: gives Services of this type addresses out of the cluster's own pools. The pools are
// a ConfigMap, kube-system/skiff-load-balancer-pools: a key a pool, its value ranges
// ("10.0.0.200-10.0.0.220" or "fd00::100/120"), several separated by commas or new lines. Without
// it, load balancers are somebody else's.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/reconciler.h"

namespace skiff::controllers {

// Addresses from `first` to `last`, both of one family.
struct AddressSpan {
  IpAddress first;
  IpAddress last;

  bool contains(const IpAddress& address) const {
    return address.is_v4() == first.is_v4() && first <= address && address <= last;
  }
};

struct AddressPools {
  std::map<std::string, std::vector<AddressSpan>> pools;

  // INVALID_ARGUMENT names the pool, the text, and what would be right.
  static Result<AddressPools> parse(const std::map<std::string, std::string>& data);
  bool contains(const IpAddress& address) const;
};

struct LoadBalancerPlan {
  bool ours = false;  // else the Service's status is left alone
  std::vector<IpAddress> addresses;
  std::string problem;  // why there are fewer than asked for; empty: there are not
};

// Pure. `taken`: addresses of other Services. A Service keeps what it has as long as its pool and
// its wishes (spec.loadBalancerIP, the annotations skiff.io/load-balancer-ips and
// skiff.io/load-balancer-pool) still say so.
LoadBalancerPlan plan_load_balancer(const api::Service& service, const AddressPools& pools,
                                    const std::set<IpAddress>& taken);

class LoadBalancerReconciler final : public kube::Reconciler {
 public:
  LoadBalancerReconciler(kube::Client client, Stores& stores, kube::EventRecorder& events,
                         const Clock& clock)
      : client_(std::move(client)), stores_(stores), events_(events), clock_(clock) {}
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  static void watch(Stores& stores, kube::ReconcileLoop& loop);

 private:
  std::set<IpAddress> taken_by_others(const kube::ObjectKey& key) const;
  void tell(const api::Service& service, const std::string& problem);

  kube::Client client_;
  Stores& stores_;
  kube::EventRecorder& events_;
  const Clock& clock_;
  std::map<kube::ObjectKey, std::string> told_;
};

}  // namespace skiff::controllers
