// SPDX-License-Identifier: Apache-2.0
// The scheduler: watches pods and nodes through stores, takes the next pod, decides, assumes,
// binds. One per cluster; runs on the controller's loop. Binding is the API's own (pods/binding),
// several in flight.
#pragma once

#include <string>

#include "base/clock.h"
#include "controller/scheduler/cycle.h"
#include "controller/scheduler/queue.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/store.h"

namespace skiff::scheduler {

class Scheduler {
 public:
  struct Options {
    std::string name = "default-scheduler";  // pods with another schedulerName are left alone
    int most_bindings_in_flight = 64;
  };
  // All of these must outlive the loop.
  Scheduler(const Executor& executor, Options options, kube::Client client,
            kube::Store<api::Pod>& pods, kube::Store<api::Node>& nodes, kube::EventRecorder& events,
            const Clock& clock);
  void start();

 private:
  void pod_changed(const PodPtr& before, const PodPtr& after);
  void node_changed(const NodePtr& before, const NodePtr& after);
  void retry_waiting();
  awaitable<void> run();
  void schedule(const PodPtr& pod);
  awaitable<void> bind(PodInfoPtr pod, std::string node);
  void put_back(const PodInfoPtr& pod, const std::string& node, const Status& why);
  awaitable<void> report_unschedulable(PodPtr pod, std::string reason, std::string message);

  Executor executor_;
  Options options_;
  kube::Client client_;
  kube::Store<api::Pod>& pods_;
  kube::Store<api::Node>& nodes_;
  kube::EventRecorder& events_;
  const Clock& clock_;
  Cache cache_;
  const Profile profile_;
  Queue queue_;
  Event wakeup_;
  int bindings_in_flight_ = 0;
  uint64_t cycles_ = 0;
};

}  // namespace skiff::scheduler
