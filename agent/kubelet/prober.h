// SPDX-License-Identifier: Apache-2.0
// Runs the probes of running containers, each in a coroutine of its own, and says when what they
// say changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/kubelet/action.h"
#include "agent/kubelet/kubelet_metrics.h"
#include "agent/kubelet/observed.h"
#include "agent/kubelet/probe.h"
#include "agent/runtime/runtime.h"
#include "base/clock.h"
#include "kube/events.h"

namespace skiff::kubelet {

using PodPtr = std::shared_ptr<const api::Pod>;

class Prober {
 public:
  // What it works with; all of it outlives the loop.
  struct Parts {
    Executor executor;
    runtime::Runtime& runtime;
    kube::EventRecorder& events;
    const Clock& clock;
    KubeletMetrics& metrics;
    std::function<void(const api::Pod&)> on_change;  // a verdict of the pod changed
    std::function<double()> random;                  // 0 to 1
  };
  explicit Prober(Parts parts) : parts_(std::move(parts)), agent_started_(parts_.clock.now()) {}

  // Starts probes of containers that run and have none yet, stops those of containers that do not
  // run any more. A pod that ends keeps only its readiness probes. Idempotent.
  void sync(const PodPtr& pod, const Observed& observed, bool ending);
  // Stops every probe of the pod.
  void forget(const std::string& pod_uid);
  // By container id.
  std::map<std::string, Health> health(const std::string& pod_uid) const;

 private:
  struct Target {
    explicit Target(const Executor& executor) : changed(executor) {}
    PodPtr pod;
    std::string container;  // its name
    std::string id;
    std::string pod_ip;
    TimePoint started_at;
    Health health;
    bool stopped = false;
    bool ending = false;
    Event changed;
  };

  void start(const PodPtr& pod, const api::Container& container, const ObservedContainer& running,
             const std::string& pod_ip);
  awaitable<void> run(std::shared_ptr<Target> target, ProbeKind kind);
  void report(const Target& target, ProbeKind kind, const ActionOutcome& outcome);
  // Readiness of a server without a probe: a moment after its start.
  awaitable<void> warm_up(std::shared_ptr<Target> target);
  // False: the target stopped.
  awaitable<bool> wait(std::shared_ptr<Target> target, Duration duration);

  Parts parts_;
  TimePoint agent_started_;
  std::map<std::string, std::map<std::string, std::shared_ptr<Target>>> targets_;  // uid, id
};

}  // namespace skiff::kubelet
