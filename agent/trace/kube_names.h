// SPDX-License-Identifier: Apache-2.0
// Names from the agent's own stores. Keeps what was asked for, not a copy of the cluster: an
// address is searched for once, then remembered until its owner changes.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>

#include "agent/trace/names.h"
#include "agent/trace/symbols.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "base/clock.h"
#include "kube/store.h"

namespace skiff::trace {

// A pod of this node, as the pod network knows it.
struct LocalPod {
  std::string namespace_;
  std::string name;
  std::string interface;  // in the pod
  std::string host_interface;
  uint32_t host_ifindex = 0;
  uint64_t netns_cookie = 0;
  std::string netns;  // path
  std::vector<IpAddress> addresses;
};

// Belongs to the loop. The stores outlive it.
class KubeNames final : public Names {
 public:
  struct Stores {
    kube::Store<api::Pod>& pods;  // of this node at least
    kube::Store<api::Service>& services;
    kube::Store<api::EndpointSlice>& slices;
    kube::Store<api::Node>& nodes;
  };
  KubeNames(std::string node, uint64_t node_netns_cookie, Stores stores, const Clock& clock);

  // Whoever enforces policies on this node is asked who decided; without, nobody.
  using PolicyOracle = std::function<PolicyNames(const Peer&, const Peer&, uint8_t protocol)>;
  void set_policies(PolicyOracle oracle) { policy_oracle_ = std::move(oracle); }

  // Whether an address lies across the overlay; without, none does.
  using OverlayOracle = std::function<bool(const IpAddress&)>;
  void set_overlay(OverlayOracle oracle) { overlay_oracle_ = std::move(oracle); }
  // Called when a pod that was known is deleted.
  using OnGone = std::function<void(const std::string& namespace_, const std::string& name)>;
  void set_on_gone(OnGone on_gone) { on_gone_ = std::move(on_gone); }

  void add_local(LocalPod pod);
  void remove_local(uint64_t netns_cookie);
  std::vector<std::string> local_namespaces() const;  // paths

  std::shared_ptr<const Identity> identity(const IpAddress& address) override;
  std::shared_ptr<const ServicePort> service(const IpAddress& address, uint16_t port,
                                             uint8_t protocol) override;
  Place place(uint64_t netns_cookie, uint32_t ifindex) override;
  bool across_overlay(const IpAddress& address) override;
  PolicyNames policies(const Peer& client, const Peer& server, uint8_t protocol) override;
  std::string kernel_reason(uint32_t reason) override;
  std::string symbol(uint64_t address) override { return symbols_.name(address); }

 private:
  using IdentityPtr = std::shared_ptr<const Identity>;
  struct Known {
    IdentityPtr who;  // null: searched for and not found
    TimePoint gone;   // deleted then; zero: alive
  };
  using ServiceKey = std::tuple<IpAddress, uint16_t, uint8_t>;

  void pod_changed(const api::Pod* before, const api::Pod* after);
  void slice_changed(const api::EndpointSlice* after);
  void node_changed(const api::Node* before, const api::Node* after);
  void forget(const std::string& address);
  void mark_gone(const std::string& address, const Identity& who);
  IdentityPtr search(const IpAddress& address) const;
  IdentityPtr search_pods(const IpAddress& address, const std::string& text) const;
  IdentityPtr search_nodes(const std::string& text) const;
  IdentityPtr search_slices(const std::string& text) const;
  IdentityPtr local_identity(const LocalPod& pod) const;
  std::shared_ptr<const ServicePort> search_services(const ServiceKey& key) const;
  const LocalPod* local_by_ifindex(uint32_t ifindex) const;
  void make_room();

  std::string node_;
  uint64_t node_netns_cookie_;
  Stores stores_;
  const Clock& clock_;
  PolicyOracle policy_oracle_;
  OverlayOracle overlay_oracle_;
  OnGone on_gone_;
  std::unordered_map<IpAddress, bool> overlay_known_;
  Symbols symbols_;
  std::map<uint32_t, std::string> kernel_reasons_;
  std::unordered_map<IpAddress, Known> known_;
  std::map<ServiceKey, std::shared_ptr<const ServicePort>> services_;
  std::map<uint64_t, LocalPod> locals_;  // by network namespace cookie
};

// ReplicaSet web-7f9c8 with that hash as label: Deployment web.
void set_workload(Identity& who, const api::ObjectMeta& metadata);

}  // namespace skiff::trace
