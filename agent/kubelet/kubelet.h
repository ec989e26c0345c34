// SPDX-License-Identifier: Apache-2.0
// The kubelet: runs the pods that are assigned to this node. One worker a pod (by UID), woken by
// changes in the API, by the runtime's events, by probes and by time; a slow relist finds what an
// event did not tell, and what no pod owns.
//
// Lives on the daemon's loop; destroy it after the loop and the pool have stopped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/kubelet/images.h"
#include "agent/kubelet/objects.h"
#include "agent/kubelet/observed.h"
#include "agent/kubelet/options.h"
#include "agent/kubelet/pod_record.h"
#include "agent/kubelet/prober.h"
#include "agent/kubelet/status_writer.h"
#include "agent/kubelet/volumes/volumes.h"
#include "kube/reconciler.h"

namespace skiff::kubelet {

// What the daemon gives. All of it outlives the kubelet. `pods` may hold pods of other nodes; they
// are left alone.
struct Dependencies {
  Executor executor;
  runtime::Runtime& runtime;
  kube::Client& client;
  kube::Store<api::Pod>& pods;
  kube::Store<api::Service>& services;
  kube::EventRecorder& events;
  const Clock& clock;
  asio::thread_pool& pool;
  metrics::Registry& metrics;
  ObjectSource* objects = nullptr;  // null: from the API, through `client`
};

class Kubelet final : private kube::Reconciler {
 public:
  Kubelet(Options options, const Dependencies& dependencies);

  // Subscribes to everything and starts the workers.
  void start();

  size_t pod_count() const { return records_.size(); }
  // Brings the figures in the registry up to date that count what there is now.
  void refresh_metrics();
  // For tests: no pod waits for its worker or is in work.
  bool idle() const { return loop_.idle(); }

 private:
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  void on_pod(const PodPtr& before, const PodPtr& after);
  void on_event(const runtime::ContainerEvent& event);
  void enqueue(const PodRecord& record);

  awaitable<void> watch_exit(std::string id, std::string uid);
  awaitable<void> relist_forever();
  awaitable<Status> relist();
  awaitable<void> clear_leftovers();
  awaitable<void> keep_house_forever();
  awaitable<void> evict_greedy_pods();

  Options options_;
  Dependencies given_;
  std::unique_ptr<ObjectSource> own_objects_;
  ObjectSource& objects_;
  Observer observer_;
  Volumes volumes_;
  Images images_;
  KubeletMetrics metrics_;
  Prober prober_;
  StatusWriter statuses_;
  Parts parts_;
  kube::ReconcileLoop loop_;
  std::map<std::string, RecordPtr> records_;          // by uid
  std::unordered_map<std::string, int> last_listed_;  // id -> state at the last relist
  Event relist_now_;
};

}  // namespace skiff::kubelet
