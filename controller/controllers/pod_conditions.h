// SPDX-License-Identifier: Apache-2.0
// Questions about a pod that several controllers ask.
#pragma once

#include <chrono>

#include "api/core/pod.h"
#include "base/clock.h"

namespace skiff::controllers {

// The condition of `type`, or null.
const api::PodCondition* condition(const api::Pod& pod, std::string_view type);

bool is_ready(const api::Pod& pod);
// Ready for at least `min_ready_seconds`.
bool is_available(const api::Pod& pod, int32_t min_ready_seconds, TimePoint now);
// Neither ended nor being deleted.
bool is_active(const api::Pod& pod);
bool has_ended(const api::Pod& pod);

// Sorts pods so that the first are the first to go when there are too many:
// kube-controller-manager's order (unassigned, not running, not ready, lower deletion cost, more
// siblings on the same node, ready for a shorter time, more restarts, younger).
void sort_for_deletion(std::vector<std::shared_ptr<const api::Pod>>& pods);

}  // namespace skiff::controllers
