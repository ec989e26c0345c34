// SPDX-License-Identifier: Apache-2.0
// Containerd's task events (starts and exits), delivered on the loop. Owned by CriRuntime.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "agent/runtime/types.h"
#include "base/async.h"
#include "proto/containerd_events.grpc.pb.h"

namespace skiff::runtime {

// Turns an envelope into an event of ours; nothing for what does not concern a whole container.
std::optional<ContainerEvent> event_from(
    const containerd::services::events::v1::Envelope& envelope);

class EventStream {
 public:
  using Callback = std::function<void(const ContainerEvent&)>;

  // Subscribes at once and again after each break. `namespace_` is containerd's.
  EventStream(const Executor& executor, std::shared_ptr<grpc::Channel> channel,
              std::string namespace_, Callback on_event);
  ~EventStream();

 private:
  struct Shared;  // outlives us while gRPC still calls back
  class Reader;

  std::shared_ptr<Shared> shared_;
};

}  // namespace skiff::runtime
