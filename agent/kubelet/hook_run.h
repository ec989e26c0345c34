// SPDX-License-Identifier: Apache-2.0
// A hook of a container under way, shared by those who wait for its end.
#pragma once

#include <memory>
#include <optional>

#include "agent/kubelet/action.h"

namespace skiff::kubelet {

struct HookRun {
  explicit HookRun(const Executor& executor) : done(executor) {}
  void finish(ActionOutcome how) {
    outcome = std::move(how);
    done.notify();
  }

  std::optional<ActionOutcome> outcome;  // once it has ended
  Event done;
};
using HookRunPtr = std::shared_ptr<HookRun>;

}  // namespace skiff::kubelet
