// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy on one node: keeps the datapath's rules equal to the cluster's policies for the
// pods that are here. Runs on the agent's loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/datapath/maps.h"
#include "agent/policy/compile.h"
#include "agent/policy/explain.h"
#include "agent/policy/table_writer.h"
#include "api/core/namespace.h"
#include "base/async.h"
#include "base/metrics.h"
#include "kube/store.h"

namespace skiff::policy {

class Policy {
 public:
  // `maps` and `registry` must outlive it.
  Policy(const Executor& executor, std::shared_ptr<kube::Transport> transport, datapath::Maps& maps,
         metrics::Registry& registry);

  // Restores, then begins to watch: policies from now on, pods and namespaces once there is a
  // policy. The rules of an earlier agent stay in force until everything has been seen once.
  Status start();

  // A pod is about to be attached: when this returns, its rules are in force, or nobody but its
  // node reaches it until they can be. A pod that was here before keeps what it has until then.
  Status admit(LocalPod pod, bool was_here);
  // Its addresses may be given to others.
  void forget(const kube::ObjectKey& key, const std::vector<IpAddress>& addresses);

  // What the policies of the pod at that end say, if it is one of this node's.
  std::optional<Judgement> explain(Direction direction, const Question& question) const;

 private:
  awaitable<void> run();
  Status sync();
  Inputs inputs() const;
  Inputs inputs_with_locals() const;
  bool complete() const;
  void want();
  void watch_peers();
  void show(std::chrono::duration<double> took);

  Executor executor_;
  std::shared_ptr<kube::Transport> transport_;
  metrics::Registry& registry_;
  kube::Store<api::NetworkPolicy> policies_;
  kube::Store<api::Namespace> namespaces_;
  PodTable pods_;
  TableWriter writer_;
  std::map<IpAddress, LocalPod> locals_;  // by first address: a name may be used again meanwhile
  bool peers_watched_ = false;
  bool wanted_ = false;
  mutable std::optional<Explainer> explainer_;  // until the next sync, or another pod here
  Event changed_;
};

}  // namespace skiff::policy
