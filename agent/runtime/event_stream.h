// SPDX-License-Identifier: Apache-2.0
// Starts and exits of containers as the runtime tells them, delivered on the loop: by CRI's
// GetContainerEvents (containerd 1.7 on), or where that is not implemented by containerd's own task
// events. Owned by CriRuntime.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/runtime/types.h"
#include "base/async.h"
#include "proto/containerd_events.grpc.pb.h"
#include "proto/cri.grpc.pb.h"

namespace skiff::runtime {

namespace cri = ::runtime::v1;

// An event of ours; nothing for what does not concern the start or exit of a whole container.
std::optional<ContainerEvent> event_from(const cri::ContainerEventResponse& event);
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
  template <class Message>
  class Reader;

  static void subscribe(const std::shared_ptr<Shared>& shared, bool by_cri);
  static awaitable<void> subscribe_later(std::shared_ptr<Shared> shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace skiff::runtime
