// SPDX-License-Identifier: Apache-2.0
// Which taints of a node a pod bears. Pure.
#pragma once

#include <vector>

#include "api/core/affinity.h"

namespace skiff::api {

// An empty effect matches every effect; an empty key with Exists bears every taint.
bool tolerates(const Toleration& toleration, const Taint& taint);
// Does one of them?
bool tolerated(const std::vector<Toleration>& tolerations, const Taint& taint);

}  // namespace skiff::api
