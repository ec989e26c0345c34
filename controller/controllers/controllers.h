// SPDX-License-Identifier: Apache-2.0
// Starts every controller of the cluster on the controller's loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/metrics.h"
#include "controller/controllers/node_lifecycle.h"
#include "controller/controllers/stores.h"
#include "kube/client.h"

namespace skiff::controllers {

struct Options {
  std::vector<Cidr> cluster_ranges;      // of pod addresses, one a family
  std::string root_ca;                   // PEM, for kube-root-ca.crt
  Duration node_grace = kNodeGrace;      // until a silent node is Unknown
  metrics::Registry* metrics = nullptr;  // where their queues are counted; outlives the loop
};

class Controllers {
 public:
  // `stores` are started by the caller. All must outlive the loop.
  Controllers(const Executor& executor, Options options, kube::Client client, Stores& stores,
              const Clock& clock);
  ~Controllers();
  // Waits until all stores are synced, then starts.
  void start();

 private:
  struct Parts;
  awaitable<void> run();

  Executor executor_;
  Stores& stores_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skiff::controllers
