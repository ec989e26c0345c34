// SPDX-License-Identifier: Apache-2.0
// One fact each of `skiff why`, out of the tables of the programs. Synchronous; maps may be fakes.
#pragma once

#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/trace/why_facts.h"

namespace skiff::trace {

FrontendFact frontend_fact(const datapath::Maps& maps, const WhyQuestion& question);
// To the destination itself, or to the backends of its frontend (at most four).
std::vector<RouteFact> route_facts(const datapath::Maps& maps, const WhyQuestion& question,
                                   const FrontendFact& frontend);
// Translated flows of the source towards the destination, the latest first, at most five.
std::vector<FlowFact> flow_facts(const datapath::Maps& maps, const WhyQuestion& question);
// Asks a copy of the program with a packet of the pod; nothing of it stays.
ProbeFact probe_fact(datapath::Datapath& datapath, const WhyQuestion& question);

}  // namespace skiff::trace
