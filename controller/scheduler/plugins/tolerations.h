// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "api/core/node.h"
#include "api/core/pod.h"

namespace skiff::scheduler {

// Does one of `tolerations` bear `taint`? An empty key with Exists bears all; an empty effect
// matches every effect.
bool tolerated(const std::vector<api::Toleration>& tolerations, const api::Taint& taint);

}  // namespace skiff::scheduler
