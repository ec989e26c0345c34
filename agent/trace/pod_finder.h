// SPDX-License-Identifier: Apache-2.0
// The network namespaces of this node's pods where another CNI makes them. A pod's processes are in
// a control group named after its UID, whatever runtime and CNI there is; one of them leads to the
// namespace, and the namespace to its cookie, its device and the node's end of that.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/trace/kube_names.h"
#include "base/async.h"
#include "kube/store.h"

namespace skiff::trace {

// The UID in /proc/PID/cgroup of a process of a pod, with dashes; empty: it is of none. Both
// drivers of the kubelet: ".../pod1234-.../..." and "...-pod1234_....slice/...".
std::string pod_uid_of(std::string_view cgroups);

// As the node's own processes name the pod: static pods have another UID there than in the API.
std::string node_uid_of(const api::Pod& pod);

struct WantedPod {
  std::string uid;  // node_uid_of()
  std::vector<IpAddress> addresses;

  bool operator==(const WantedPod&) const = default;
};
// Those of `pods` (by namespace/name) that have a process in a namespace of their own. Reads /proc
// once, some ten microseconds a process. Blocks; in the node's network namespace.
std::map<kube::ObjectKey, LocalPod> find_pods(const std::map<kube::ObjectKey, WantedPod>& pods);

// Belongs to the loop. What it is given outlives it.
class PodFinder {
 public:
  struct Listener {
    std::function<void(LocalPod)> found;
    std::function<void(uint64_t netns_cookie)> gone;
  };
  PodFinder(const Executor& executor, kube::Store<api::Pod>& pods, asio::thread_pool& pool,
            Listener listener)
      : executor_(executor),
        pods_(pods),
        pool_(pool),
        listener_(std::move(listener)),
        changed_(executor) {}
  void start();

 private:
  // What a pod was when it was looked for: a new sandbox has new containers or addresses.
  struct Known {
    WantedPod wanted;
    std::set<std::string> containers;
    uint64_t cookie = 0;  // 0: not found yet
  };
  void pod_changed(const api::Pod* before, const api::Pod* after);
  void forget(const kube::ObjectKey& key);
  awaitable<void> run();
  awaitable<bool> look();

  Executor executor_;
  kube::Store<api::Pod>& pods_;
  asio::thread_pool& pool_;
  Listener listener_;
  std::map<kube::ObjectKey, Known> known_;
  bool stale_ = false;
  Event changed_;
};

}  // namespace skiff::trace
