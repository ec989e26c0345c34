// SPDX-License-Identifier: Apache-2.0
// What all verbs work with: the store, the table of resources, caches, and the ways to the rest of
// the cluster. Lives on the loop.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "controller/apiserver/attributes.h"
#include "controller/apiserver/node_tunnel.h"
#include "controller/apiserver/printer.h"
#include "controller/apiserver/resource.h"
#include "controller/apiserver/token.h"
#include "controller/apiserver/user.h"
#include "controller/apiserver/watch_frames.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

struct Backend {
  Executor executor;
  store::Store& store;
  const Clock& clock;
  Registry registry;
  std::unique_ptr<TablePrinter> printer;
  std::shared_ptr<NodeTunnel> nodes;     // null: logs and exec answer 503
  std::shared_ptr<TokenIssuer> tokens;   // null: serviceaccounts/token answers 503
  Access* access = nullptr;              // set by the Server
  metrics::Registry* metrics = nullptr;  // null: requests are not counted
  // How long a read waits for a revision that is not reached yet.
  std::chrono::milliseconds freshness{3000};
  AttributeCache attributes{};
  WatchFrames frames{};
};

}  // namespace skiff::apiserver
