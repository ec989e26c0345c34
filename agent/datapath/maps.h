// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/datapath/abi.h"
#include "agent/datapath/map.h"

namespace skiff::datapath {

class WayEpoch;

// Every table the agent reads or writes, typed; the comments of bpf/maps.h say who writes which.
struct Maps {
  template <class K, class V>
  using Table = std::unique_ptr<Map<K, V>>;

  Table<FrontendKey, Frontend> frontends;
  Table<uint32_t, Backend> backends;
  Table<AffinityKey, Affinity> affinity;
  Table<Tuple, Flow> flows;
  Table<Tuple, Flow> new_flows;
  Table<Tuple, FlowAlias> aliases;
  Table<Tuple, FlowAlias> new_aliases;
  Table<FragmentKey, Fragment> fragments;
  Table<Address, Pod> pods;
  Table<uint32_t, Bandwidth> bandwidth;
  Table<Address, Node> nodes;
  Table<RangeKey, Peer> peers;
  Table<RangeKey, Range> ranges;
  Table<uint32_t, Device> devices;
  Table<uint32_t, uint64_t> reserved_ports;
  Table<ReverseSocketKey, ReverseSocket> reverse_sockets;
  Table<uint64_t, uint32_t> socket_lb_off;
  Table<SourceRangeKey, uint32_t> source_ranges;
  Table<uint32_t, MaglevBlock> maglev;
  Table<uint32_t, ServiceCounter> service_counters;
  Table<uint32_t, PolicyState> policy_state;
  Table<Address, PodPolicy> pod_policies;
  Table<PolicyPeerKey, uint32_t> policy_peers;
  Table<PolicyRangeKey, uint32_t> policy_ranges;
  Table<PolicyPortKey, uint32_t> policy_ports;
  Table<Tuple, PolicyFlow> policy_flows;
  Table<Tuple, PolicyFlow> new_policy_flows;
  std::shared_ptr<WayEpoch> way_epoch;  // none in memory
};

// Applies `visit(name, table)` to each table until one fails: the one list of names. `AnyMaps`:
// Maps, const or not.
template <class AnyMaps, class Visit>
Status each_table(AnyMaps& maps, const Visit& visit) {
  RETURN_IF_ERROR(visit("frontends", maps.frontends));
  RETURN_IF_ERROR(visit("backends", maps.backends));
  RETURN_IF_ERROR(visit("affinity", maps.affinity));
  RETURN_IF_ERROR(visit("flows", maps.flows));
  RETURN_IF_ERROR(visit("new_flows", maps.new_flows));
  RETURN_IF_ERROR(visit("aliases", maps.aliases));
  RETURN_IF_ERROR(visit("new_aliases", maps.new_aliases));
  RETURN_IF_ERROR(visit("fragments", maps.fragments));
  RETURN_IF_ERROR(visit("pods", maps.pods));
  RETURN_IF_ERROR(visit("bandwidth", maps.bandwidth));
  RETURN_IF_ERROR(visit("nodes", maps.nodes));
  RETURN_IF_ERROR(visit("peers", maps.peers));
  RETURN_IF_ERROR(visit("ranges", maps.ranges));
  RETURN_IF_ERROR(visit("devices", maps.devices));
  RETURN_IF_ERROR(visit("reserved_ports", maps.reserved_ports));
  RETURN_IF_ERROR(visit("reverse_sockets", maps.reverse_sockets));
  RETURN_IF_ERROR(visit("socket_lb_off", maps.socket_lb_off));
  RETURN_IF_ERROR(visit("source_ranges", maps.source_ranges));
  RETURN_IF_ERROR(visit("maglev", maps.maglev));
  RETURN_IF_ERROR(visit("service_counters", maps.service_counters));
  RETURN_IF_ERROR(visit("policy_state", maps.policy_state));
  RETURN_IF_ERROR(visit("pod_policies", maps.pod_policies));
  RETURN_IF_ERROR(visit("policy_peers", maps.policy_peers));
  RETURN_IF_ERROR(visit("policy_ranges", maps.policy_ranges));
  RETURN_IF_ERROR(visit("policy_ports", maps.policy_ports));
  RETURN_IF_ERROR(visit("policy_flows", maps.policy_flows));
  return visit("new_policy_flows", maps.new_policy_flows);
}

// The maps pinned under `pin_dir`/maps: also how the command line looks at a node it does not run.
Result<Maps> open_maps(const std::string& pin_dir);
// Continues with the maps pinned there now: those that have grown are others.
Status reopen_maps(Maps& maps, const std::string& pin_dir);
// Empty ones in memory.
Maps memory_maps();

}  // namespace skiff::datapath
