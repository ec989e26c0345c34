// SPDX-License-Identifier: Apache-2.0
// What `skiff why` tells of the policies at one end of a flow: how they judge it, and whether the
// tables in the kernel say the same.
#pragma once

#include "agent/datapath/maps.h"
#include "agent/policy/explain.h"
#include "agent/trace/why_facts.h"

namespace skiff::agent {

// `maps` must be the kernel's: its tries find the longest match. Tables that cannot be looked up
// are `tables_problem` of the fact, neither equal nor different.
trace::PolicyFact policy_fact(policy::Direction direction, const policy::Question& question,
                              policy::Judgement judgement, const datapath::Maps& maps);

}  // namespace skiff::agent
