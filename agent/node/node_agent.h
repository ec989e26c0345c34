// SPDX-License-Identifier: Apache-2.0
// Registers this node, keeps its status true and renews its lease (KEP-589: the lease is the sign
// of life, the status is written when it changes, and every five minutes).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/node/node_object.h"
#include "agent/runtime/runtime.h"
#include "base/async.h"
#include "base/clock.h"
#include "kube/client.h"

namespace skiff::node {

class NodeAgent {
 public:
  struct Parts {
    runtime::Runtime* runtime = nullptr;  // null: this node runs no pods (roles without kubelet)
    // Why our own parts are not ready yet; empty: they are.
    std::function<std::string()> not_ready_because;
    // Called with the Node whenever the server told us of it: podCIDRs arrive this way.
    std::function<void(const api::Node&)> on_node;
  };
  NodeAgent(const Executor& executor, NodeOptions options, std::filesystem::path data_directory,
            kube::Client client, Parts parts, const Clock& clock);
  void start();

 private:
  awaitable<void> run_status();
  awaitable<void> run_lease();
  awaitable<Status> report();
  awaitable<Result<api::Node>> register_node(const Facts& facts);
  awaitable<Result<Observed>> observe();
  awaitable<Status> renew_lease();

  Executor executor_;
  NodeOptions options_;
  std::filesystem::path data_directory_;
  kube::Client client_;
  Parts parts_;
  const Clock& clock_;
  std::optional<api::Node> node_;
  TimePoint started_at_;
  TimePoint reported_at_;
  bool ready_ = false;
};

}  // namespace skiff::node
