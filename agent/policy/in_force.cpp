// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/in_force.h"

namespace skiff::policy {
namespace {

constexpr uint32_t kAddressBits = 32 + 128;
constexpr uint32_t kPortBits = 64;

Result<uint32_t> port_set(const datapath::Maps& maps, const datapath::PolicySide& side,
                          const IpAddress& peer) {
  const auto address = datapath::to_abi(peer);
  std::optional<uint32_t> set;
  if (side.flags & SKIFF_POLICY_PEERS) {
    ASSIGN_OR_RETURN(set, maps.policy_peers->get({.table = side.table, .address = address}));
  }
  if (!set && (side.flags & SKIFF_POLICY_RANGES)) {
    ASSIGN_OR_RETURN(set,
                     maps.policy_ranges->get(
                         {.prefix_bits = kAddressBits, .table = side.table, .address = address}));
  }
  return set.value_or(side.others);
}

}  // namespace

Result<std::string> exemption(const datapath::Maps& maps, Direction direction,
                              const Question& question) {
  if (question.source == question.destination) return "a pod always reaches itself";
  const IpAddress& peer = direction == kIngress ? question.source : question.destination;
  const datapath::Address address = datapath::to_abi(peer);
  ASSIGN_OR_RETURN(const auto node, maps.nodes->get(address));
  if (node && (node->flags & SKIFF_NODE_LOCAL) != 0)
    return "traffic with the pod's own node always passes";
  ASSIGN_OR_RETURN(const auto range, maps.ranges->get({.prefix_bits = 128, .address = address}));
  if (direction == kEgress && range && (range->flags & SKIFF_RANGE_SERVICE) != 0)
    return "the node itself answers at this address";
  return "";
}

Result<InForce> in_force(const datapath::Maps& maps, Direction direction,
                         const Question& question) {
  const IpAddress& pod = direction == kIngress ? question.destination : question.source;
  const IpAddress& peer = direction == kIngress ? question.source : question.destination;
  ASSIGN_OR_RETURN(const auto policy, maps.pod_policies->get(datapath::to_abi(pod)));
  if (!policy || (policy->side[direction].flags & SKIFF_POLICY_ISOLATED) == 0) return InForce{};
  ASSIGN_OR_RETURN(const uint32_t set, port_set(maps, policy->side[direction], peer));
  if (set == SKIFF_PORTS_NONE || set == SKIFF_PORTS_ALL)
    return InForce{.isolated = true, .allowed = set == SKIFF_PORTS_ALL};
  ASSIGN_OR_RETURN(const auto port,
                   maps.policy_ports->get({.prefix_bits = kPortBits,
                                           .set = set,
                                           .protocol = question.protocol,
                                           .pad = 0,
                                           .port = datapath::port_be(question.port)}));
  return InForce{.isolated = true, .allowed = port.has_value()};
}

}  // namespace skiff::policy
