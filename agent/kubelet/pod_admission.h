// SPDX-License-Identifier: Apache-2.0
// What a pod asks of its node that the node cannot give, and must not leave out silently.
#pragma once

#include <optional>

#include "agent/kubelet/observed.h"
#include "agent/kubelet/options.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

// Why the pod must not start here at all, as reason and message of its status; nothing if it may.
std::optional<Waiting> refusal(const api::Pod& pod, const Options& options);

// UNIMPLEMENTED names the field that the runtime of this node cannot carry out.
Status check_runtime_fields(const api::Pod& pod);

// Whether this machine's kernel enforces AppArmor profiles.
bool apparmor_enabled();

}  // namespace skiff::kubelet
