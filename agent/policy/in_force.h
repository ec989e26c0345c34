// SPDX-License-Identifier: Apache-2.0
// What the tables in the kernel say of one flow, looked up as the programs do
// (bpf/lib/policy_rules.h).
#pragma once

#include <string>

#include "agent/datapath/maps.h"
#include "agent/policy/explain.h"

namespace skiff::policy {

struct InForce {
  bool isolated = false;
  bool allowed = true;
};

// `maps` must be the kernel's: its tries find the longest match.
Result<InForce> in_force(const datapath::Maps& maps, Direction direction, const Question& question);

// Why the flow passes whatever the rules say (bpf/lib/policy.h); empty: it does not.
Result<std::string> exemption(const datapath::Maps& maps, Direction direction,
                              const Question& question);

}  // namespace skiff::policy
