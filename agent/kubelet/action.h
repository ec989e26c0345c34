// SPDX-License-Identifier: Apache-2.0
// What probes and hooks do to a container: run a command in it, send an HTTP request, open a TCP
// connection, wait. From the node's own network namespace.
#pragma once

#include <chrono>
#include <string>

#include "agent/runtime/runtime.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

// Whom it is done to.
struct ActionTarget {
  const api::Container& container;
  std::string container_id;
  std::string pod_ip;
};

// How it went. `message` says why it failed, in the words of Kubernetes' events.
struct ActionOutcome {
  bool success = false;
  std::string message;
  bool conclusive = true;  // false: it could not be done, which says nothing of the container
  bool warning = false;    // a success that somebody should look at: `message` says why

  static ActionOutcome done() { return {.success = true, .message = {}}; }
  static ActionOutcome failed(std::string why);
  static ActionOutcome not_done(const Status& why);
};

// A number, or the name of one of the container's ports. INVALID_ARGUMENT if it names none.
Result<uint16_t> resolve_port(const api::IntOrString& port, const api::Container& container);

awaitable<ActionOutcome> run_probe(runtime::Runtime& runtime, const api::Probe& probe,
                                   ActionTarget target, std::chrono::seconds timeout);

awaitable<ActionOutcome> run_hook(runtime::Runtime& runtime, const api::LifecycleHandler& hook,
                                  ActionTarget target, std::chrono::seconds timeout);

}  // namespace skiff::kubelet
