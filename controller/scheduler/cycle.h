// SPDX-License-Identifier: Apache-2.0
// One scheduling cycle: one pod against all nodes. Pure: no I/O, no clock; a tie is broken by
// `tie_breaker`.
#pragma once

#include <cstdint>
#include <string>

#include "controller/scheduler/framework.h"

namespace skiff::scheduler {

struct Decision {
  std::string node;    // empty: none does
  Reasons reasons;     // why not
  size_t nodes = 0;    // looked at
  Reasons preemption;  // why nobody makes way
  bool may_preempt = true;

  // `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1 nodes are
  // available: 1 No preemption victims found for incoming pod.`
  std::string message() const;
};

Decision decide(const Profile& profile, const PodInfo& pod, const Nodes& nodes,
                uint64_t tie_breaker);

}  // namespace skiff::scheduler
