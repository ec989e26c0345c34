// SPDX-License-Identifier: Apache-2.0
// The HTTP request of probes and hooks.
#pragma once

#include "agent/kubelet/action.h"

namespace skiff::kubelet {

// 200 to 399 is success. Redirects are followed on the same host only: one that leads elsewhere is
// a success with a warning, as is what redirects nowhere. HTTPS without verification.
awaitable<ActionOutcome> http_get(const api::HTTPGetAction& action, const ActionTarget& target,
                                  std::chrono::seconds timeout);

}  // namespace skiff::kubelet
