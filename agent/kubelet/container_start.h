// SPDX-License-Identifier: Apache-2.0
// Starting one container: image, environment, mounts, create, start, postStart.
#pragma once

#include "agent/kubelet/pod_plan.h"
#include "agent/kubelet/pod_record.h"
#include "agent/kubelet/sandbox_config.h"

namespace skiff::kubelet {

runtime::SandboxConfig make_sandbox_config(const Parts& parts, const api::Pod& pod,
                                           uint32_t attempt);

// A failure is told by an event and kept in the record's memory with the time of the next try.
awaitable<void> start_container(Parts& parts, RecordPtr record, PodPtr pod, Start start,
                                runtime::Sandbox sandbox);

}  // namespace skiff::kubelet
