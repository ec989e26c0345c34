// SPDX-License-Identifier: Apache-2.0
// The checks of plan.h, one function each: adds its finding, or none where there is nothing to say.
#pragma once

#include <vector>

#include "cli/why/plan.h"

namespace skiff::cli {

using Findings = std::vector<Finding>;

// What the API server knows (object_checks.cpp).
void check_pod(const WhyFacts& facts, Findings& findings);
void check_name(const WhyFacts& facts, const Destination& to, Findings& findings);
void check_service(const WhyFacts& facts, const Destination& to, Findings& findings);
void check_endpoints(const WhyFacts& facts, const Destination& to, Findings& findings);
void check_target_pod(const Destination& to, Findings& findings);

// What the pod's node knows (node_checks.cpp). All but the first need facts.node.
void check_node(const WhyFacts& facts, Findings& findings);
void check_maps(const WhyFacts& facts, const Destination& to, Findings& findings);
void check_policy(const WhyFacts& facts, Findings& findings);  // of both ends (policy_checks.cpp)
void check_routes(const WhyFacts& facts, Findings& findings);
void check_flows(const WhyFacts& facts, Findings& findings);
void check_drops(const WhyFacts& facts, Findings& findings);
void check_probe(const WhyFacts& facts, Findings& findings);
// What clients outside meet who ask for the same.
void check_outside(const WhyFacts& facts, Findings& findings);
// And the nodes of backends.
void check_arrivals(const WhyFacts& facts, Findings& findings);

std::string join(const std::vector<std::string>& parts, const char* between = ", ");

// What helps against a label of bpf/abi/reason.h.
std::string advice_for(const std::string& reason);

// "container web waits: ImagePullBackOff", "its readiness probe fails"; empty: it is ready.
std::string not_ready_because(const api::Pod& pod);

}  // namespace skiff::cli
