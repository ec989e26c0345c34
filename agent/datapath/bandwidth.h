// SPDX-License-Identifier: Apache-2.0
// Limits of pods as the programs see them. Private to this folder.
#pragma once

#include "agent/datapath/datapath.h"

namespace skiff::datapath {

// enum skiff_pod_flags
uint32_t pod_flags(const PodLimits& limits);
// With the clocks of `known`, which go on.
Bandwidth bandwidth_of(const PodLimits& limits, const Bandwidth& known);

}  // namespace skiff::datapath
