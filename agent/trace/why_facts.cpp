// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/why_facts.h"

#include <boost/describe.hpp>
#include <boost/json.hpp>

namespace skiff::trace {

BOOST_DESCRIBE_STRUCT(FrontendFact, (),
                      (found, refuses_other_ports, affinity_seconds, drops_when_empty, backends))
BOOST_DESCRIBE_STRUCT(RouteFact, (), (destination, route, usable, problem))
BOOST_DESCRIBE_STRUCT(FlowFact, (),
                      (original, translated, state, packets_forward, packets_reply, idle_seconds))
BOOST_DESCRIBE_STRUCT(DropFact, (), (seconds_ago, reason, place, packet, refused))
BOOST_DESCRIBE_STRUCT(ProbeFact, (), (ran, problem, sent, verdict, reason, reason_text, came_out))
BOOST_DESCRIBE_STRUCT(OutsideFact, (), (asked, direct, in_driver, probe))
BOOST_DESCRIBE_STRUCT(NameFact, (), (asked, addresses, problem))
BOOST_DESCRIBE_STRUCT(PolicyFact, (),
                      (egress, from, to, pod, pending, allowed, isolating, policy, rule, rule_text,
                       near_misses, exempt, tables_differ, tables_problem))
BOOST_DESCRIBE_STRUCT(NodeFacts, (),
                      (node, not_ready_because, has_datapath, problem, source_known, other_cni,
                       name, frontend, routes, flows, drops, probe, outside, policy_enforced,
                       policies))

std::string encode(const NodeFacts& facts) {
  return boost::json::serialize(boost::json::value_from(facts));
}

Result<NodeFacts> decode_node_facts(std::string_view json) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse({json.data(), json.size()}, error);
  if (error) return invalid_argument("not JSON: {}", error.message());
  auto facts = boost::json::try_value_to<NodeFacts>(value);
  if (facts.has_error())
    return invalid_argument("not the facts of a node: {}", facts.error().message());
  return *std::move(facts);
}

}  // namespace skiff::trace
