// SPDX-License-Identifier: Apache-2.0
// Stopping containers: preStop, SIGTERM, SIGKILL, beside the worker, which goes on looking after
// the pod meanwhile.
#pragma once

#include "agent/kubelet/pod_record.h"
#include "agent/kubelet/termination_plan.h"

namespace skiff::kubelet {

// The pod's own grace period: that of its deletion, or of its spec, or the default.
std::chrono::seconds pod_grace(const Parts& parts, const PodRecord& record);

// What is left of it, counted from when we first saw that the pod shall end (record.ending_since).
std::chrono::seconds grace_left(const Parts& parts, const PodRecord& record);

// Starts the container's preStop hook, once; it has until the end of `grace`.
void begin_pre_stop(Parts& parts, const RecordPtr& record, const Kill& kill,
                    std::chrono::seconds grace);

// Starts to stop the container within `grace` (or the one of the plan). A stop already under way is
// only made shorter. The pod is enqueued when it is done.
void begin_kill(Parts& parts, RecordPtr record, const Kill& kill, std::chrono::seconds grace);

}  // namespace skiff::kubelet
