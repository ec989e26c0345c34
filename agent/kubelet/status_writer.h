// SPDX-License-Identifier: Apache-2.0
// Keeps the API's pod statuses equal to ours: one request a pod at a time, of several changes
// meanwhile only the last; again until the server took it or the pod is gone; again when somebody
// else changed what is ours (the node lifecycle controller takes Ready away from pods of a silent
// node).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/core/pod.h"
#include "base/async.h"
#include "kube/client.h"

namespace skiff::kubelet {

// The merge patch that makes the API's status equal to ours: fields we do not set are null, so that
// old ones go.
std::string status_patch(const std::string& uid, const api::PodStatus& status);

// Whether `seen` is what `patch` would make of it.
bool shows(const api::PodStatus& seen, const std::string& patch);

class StatusWriter {
 public:
  StatusWriter(const Executor& executor, kube::Client client)
      : executor_(executor), client_(std::move(client)) {}

  // `pod` as last seen in the API. Does nothing if that shows `status` already, or will once its
  // watch catches up with what was sent.
  void set(const api::Pod& pod, const api::PodStatus& status);
  // Returns once everything set so far is with the server, or the pod is gone there.
  awaitable<void> flush(std::string uid);
  void forget(const std::string& uid) { slots_.erase(uid); }

 private:
  struct Slot {
    explicit Slot(const Executor& executor) : idle(executor) {}
    kube::ObjectKey key;
    std::string sent;                    // the last patch
    int64_t sent_version = 0;            // the resourceVersion it made
    std::optional<std::string> pending;  // the next one
    bool writing = false;
    Event idle;
  };
  awaitable<void> write(std::shared_ptr<Slot> slot);

  Executor executor_;
  kube::Client client_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;  // by uid
};

}  // namespace skiff::kubelet
