// SPDX-License-Identifier: Apache-2.0
// Switches load balancing at the socket off for pods whose sockets are not what they seem: those of
// sandboxed runtimes (a guest's kernel, a user-space network). Their packets are balanced at their
// veth. Runs on the agent's loop.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/datapath/maps.h"
#include "agent/network/attachment.h"
#include "base/async.h"

namespace skiff::agent {

// The handler of a pod's runtime; empty: the runtime's default. Nothing while it cannot be known:
// the pod or its RuntimeClass has not been seen.
using HandlerOf = std::function<std::optional<std::string>(const network::Attachment&)>;

class SocketLb {
 public:
  struct Options {
    std::set<std::string> handlers;  // whose pods keep it, besides the default's
    HandlerOf handler_of;
    // Of a network namespace, by path. Blocks for the start of a thread.
    std::function<Result<uint64_t>(const std::string& netns)> cookie_of;
  };
  // `maps` and `pool` must outlive it.
  SocketLb(datapath::Maps& maps, asio::thread_pool& pool, Options options)
      : maps_(maps), pool_(pool), options_(std::move(options)) {}

  // Before the pod's first packet, and again after a restart. Idempotent.
  awaitable<Status> attach(network::Attachment attachment);
  void detach(const network::Attachment& attachment);
  // Once pods and RuntimeClasses have been listed and the node's pods are attached: decides what
  // could not be known, forgets pods that ended while no agent ran.
  Status settle();

 private:
  struct Pod {
    network::Attachment attachment;
    uint64_t cookie = 0;
  };
  Status decide(const Pod& pod);

  datapath::Maps& maps_;
  asio::thread_pool& pool_;
  Options options_;
  std::map<std::string, Pod> pods_;  // by attachment
};

}  // namespace skiff::agent
