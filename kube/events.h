// SPDX-License-Identifier: Apache-2.0
// EventRecorder: tells users what happened to an object, as core/v1 Events. The same event again
// raises its count. Never fails and never blocks: events are sent in the background, and dropped
// with a count when the server does not take them.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "api/core/event.h"
#include "api/kind.h"
#include "base/clock.h"
#include "kube/client.h"

namespace skiff::kube {

struct EventSource {
  std::string component;  // "kubelet", "default-scheduler", "deployment-controller"
  std::string host;       // node name, or empty
};

class EventRecorder {
 public:
  EventRecorder(const Executor& executor, Client client, EventSource source, const Clock& clock);

  void normal(const api::ObjectReference& about, std::string reason, std::string message) {
    record(about, "Normal", std::move(reason), std::move(message));
  }
  void warning(const api::ObjectReference& about, std::string reason, std::string message) {
    record(about, "Warning", std::move(reason), std::move(message));
  }
  uint64_t dropped() const { return dropped_; }

 private:
  struct Sent {
    ObjectKey key;
    int32_t count = 0;
    TimePoint last;
  };
  void record(const api::ObjectReference& about, std::string type, std::string reason,
              std::string message);
  awaitable<void> send_all();
  awaitable<Status> send(api::Event event);

  Executor executor_;
  Client client_;
  EventSource source_;
  const Clock& clock_;
  std::deque<api::Event> pending_;
  std::unordered_map<std::string, Sent> sent_;  // by object, type, reason and message
  int64_t last_name_ = 0;
  bool sending_ = false;
  uint64_t dropped_ = 0;
};

// What an Event is about, from a typed object.
template <class T>
api::ObjectReference reference_to(const T& object) {
  const api::Kind& kind = api::kind_of<T>();
  api::ObjectReference reference;
  reference.apiVersion = kind.group.empty() ? std::string(kind.version)
                                            : fmt::format("{}/{}", kind.group, kind.version);
  reference.kind = std::string(kind.kind);
  reference.namespace_ = object.metadata.namespace_;
  reference.name = object.metadata.name;
  reference.uid = object.metadata.uid;
  reference.resourceVersion = object.metadata.resourceVersion;
  return reference;
}

}  // namespace skiff::kube
