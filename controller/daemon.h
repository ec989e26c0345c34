// SPDX-License-Identifier: Apache-2.0
// The controller process: composes store, API server, scheduler and controllers on one loop. The
// only file that sees them all.
#pragma once

#include <memory>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "base/http/server.h"
#include "base/metrics.h"
#include "base/result.h"
#include "controller/apiserver/server.h"
#include "controller/auth/cluster_pki.h"
#include "controller/config.h"
#include "controller/controllers/controllers.h"
#include "controller/scheduler/scheduler.h"
#include "controller/store/store.h"
#include "kube/client.h"

namespace skiff::controller {

class Daemon {
 public:
  // Opens store and certificates, listens. Blocks; call it before the loop runs.
  static Result<std::unique_ptr<Daemon>> open(const Executor& executor, Config config);
  ~Daemon();

  // Starts everything that runs on the loop.
  void start();

 private:
  Daemon(const Executor& executor, Config config);
  Status open_store_and_server();
  Status listen();
  Status write_kubeconfigs();
  kube::Client client(const std::string& user);
  awaitable<void> make_basics();
  awaitable<void> keep_basics();
  awaitable<void> run();

  Executor executor_;
  Config config_;
  SystemClock clock_;
  metrics::Registry registry_;
  auth::ClusterPki pki_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<apiserver::Backend> backend_;
  std::unique_ptr<apiserver::Server> server_;
  std::vector<std::unique_ptr<http::Server>> listeners_;
  std::unique_ptr<controllers::Stores> stores_;
  std::unique_ptr<controllers::Controllers> controllers_;
  std::unique_ptr<kube::EventRecorder> scheduler_events_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
};

}  // namespace skiff::controller
