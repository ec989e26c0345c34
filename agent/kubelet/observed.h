// SPDX-License-Identifier: Apache-2.0
// What there is of a pod on this node: its sandboxes and containers as the runtime tells them, and
// what the worker remembers beside that. The input of plans and statuses.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/kubelet/backoff.h"
#include "agent/kubelet/options.h"
#include "agent/runtime/runtime.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

struct ObservedContainer {
  std::string sandbox_id;
  runtime::ContainerStatus status;
};

// Newest first, both. Only the first sandbox carries its addresses.
struct Observed {
  std::vector<runtime::Sandbox> sandboxes;
  std::vector<ObservedContainer> containers;

  const runtime::Sandbox* sandbox() const { return sandboxes.empty() ? nullptr : &sandboxes[0]; }
  // The newest instance of the container, in any sandbox; null if there is none.
  const ObservedContainer* latest(const std::string& name) const;
  // The newest instance in the current (first) sandbox.
  const ObservedContainer* current(const std::string& name) const;
  // The instance before the latest one.
  const ObservedContainer* previous(const std::string& name) const;
  bool any_running() const;
};

inline bool is_running(const ObservedContainer* container) {
  return container && container->status.state == runtime::ContainerState::Running;
}

enum class Verdict { Unknown, Success, Failure };

// What the probes of one running container say. Unknown: the probe exists and has not decided; a
// probe that does not exist counts as Success.
struct Health {
  Verdict startup = Verdict::Unknown;
  Verdict liveness = Verdict::Unknown;
  Verdict readiness = Verdict::Unknown;
  bool operator==(const Health&) const = default;
};

struct Waiting {
  std::string reason;
  std::string message;
  bool operator==(const Waiting&) const = default;
};

// What only the worker knows. Lost on a restart of the agent without harm.
struct PodMemory {
  std::map<std::string, Health> health;          // by container id
  std::map<std::string, Waiting> waiting;        // by container name: why its last start failed
  std::map<std::string, TimePoint> retry_at;     // by container name: not to be started before
  std::map<std::string, int> start_failures;     // by container name, in a row
  std::map<std::string, Backoff> crash_backoff;  // by container name
  std::map<std::string, Backoff> image_backoff;  // by container name
  std::map<std::string, TimePoint> killing;      // by container id: when SIGKILL is due
  std::set<std::string> failed_starts;           // container ids: started by us, and told why not
  // By container name: the attempt to make again. Lost with the agent, the next counts as a
  // restart.
  std::map<std::string, uint32_t> cut_off;
  std::optional<Waiting> failed;  // the node ended the pod: reason and message of its status
};

// Asks the runtime. Exited containers do not change any more, so they are asked for once.
class Observer {
 public:
  Observer(runtime::Runtime& runtime, const Options& options)
      : runtime_(runtime), options_(options) {}

  awaitable<Result<Observed>> observe(std::string pod_uid);
  void forget(const std::string& container_id) { exited_.erase(container_id); }
  bool knows_exit(const std::string& container_id) const { return exited_.contains(container_id); }
  // The UID of the pod that a container or sandbox belongs to; null if it was not seen yet.
  const std::string* owner(const std::string& id) const {
    const auto found = owners_.find(id);
    return found == owners_.end() ? nullptr : &found->second;
  }
  void adopt(const std::string& id, const std::string& pod_uid) { owners_[id] = pod_uid; }
  void set_owners(std::unordered_map<std::string, std::string> owners) {
    owners_ = std::move(owners);
  }

 private:
  runtime::Runtime& runtime_;
  const Options& options_;
  std::unordered_map<std::string, std::string> owners_;
  std::unordered_map<std::string, runtime::ContainerStatus> exited_;  // by id
};

}  // namespace skiff::kubelet
