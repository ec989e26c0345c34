// SPDX-License-Identifier: Apache-2.0
// From the choice of a node to a pod that runs there: Reserve, Permit, PreBind, Bind, PostBind.
// Whatever fails after Reserve is unwound: every Reserve plugin hears of it, the last one first.
#pragma once

#include "base/async.h"
#include "controller/scheduler/framework.h"

namespace skiff::scheduler {

// All Reserve plugins in order. The first that refuses ends it: those before it, and it, unreserve
// in reverse order.
Status reserve(const Profile& profile, const PodInfoPtr& pod, const std::string& node);
// In reverse order.
void unreserve(const Profile& profile, const PodInfoPtr& pod, const std::string& node);

// After a successful reserve(). On an error nothing is reserved any more, and the error names the
// plugin. `profile` must outlive it.
awaitable<Status> bind_reserved(const Profile& profile, PodInfoPtr pod, std::string node);

}  // namespace skiff::scheduler
