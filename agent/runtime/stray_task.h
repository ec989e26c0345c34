// SPDX-License-Identifier: Apache-2.0
// Processes that containerd runs and CRI does not know of: what becomes of a container whose start
// was cut off with the call that asked for it (seen with containerd 1.6). CRI's StopContainer does
// nothing for it, RemoveContainer refuses.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/async.h"
#include "base/result.h"

namespace skiff::runtime {

// Whether RemoveContainer failed because of one.
bool has_stray_task(const Status& removed);

// Kills the task of a container and deletes it. Idempotent; none is fine.
awaitable<Status> end_stray_task(std::shared_ptr<grpc::Channel> channel, std::string namespace_,
                                 std::string container_id);

}  // namespace skiff::runtime
