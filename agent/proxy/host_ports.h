// SPDX-License-Identifier: Apache-2.0
// Keeps the HostPorts of this node's pods in the datapath. Runs on the agent's loop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/proxy/frontend_writer.h"
#include "agent/proxy/host_port_plan.h"
#include "api/core/pod.h"
#include "kube/events.h"
#include "kube/reconciler.h"
#include "kube/store.h"

namespace skiff::proxy {

class HostPorts final : public kube::Reconciler {
 public:
  struct Options {
    std::vector<IpAddress> node_addresses;
    // Of the node's devices: a hostIP must be one of them.
    std::function<Result<std::vector<IpAddress>>()> own_addresses;
    kube::EventRecorder* events = nullptr;  // null: nobody is told what is refused
    std::function<void()> on_settled;       // see settled()
  };

  // `pods` (of this node) and `writer` must outlive it.
  HostPorts(const Executor& executor, Options options, kube::Store<api::Pod>& pods,
            FrontendWriter& writer);

  // Writes what the store has.
  void sync_all();
  // Everything that was there at sync_all() has been written since, or given a reason why not.
  bool settled() const { return unsettled_.empty(); }
  // Follows the store from now on.
  void start();
  // A Service has got this NodePort: a pod that has it as HostPort must give way.
  void node_port_taken(uint8_t protocol, uint16_t port);

  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;

 private:
  using PortKey = std::pair<uint8_t, uint16_t>;
  Result<kube::Outcome> sync(const kube::ObjectKey& key);
  void tell(const kube::ObjectKey& key, const api::Pod& pod, std::vector<std::string> refused);

  Options options_;
  kube::Store<api::Pod>& pods_;
  FrontendWriter& writer_;
  kube::ReconcileLoop loop_;
  std::map<PortKey, std::set<kube::ObjectKey>> holders_;  // may name pods that hold no more
  std::map<kube::ObjectKey, std::vector<std::string>> told_;
  std::set<kube::ObjectKey> unsettled_;
};

}  // namespace skiff::proxy
