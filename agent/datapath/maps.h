// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/datapath/abi.h"
#include "agent/datapath/map.h"

namespace skiff::datapath {

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
  Table<Address, Node> nodes;
  Table<RangeKey, Peer> peers;
  Table<RangeKey, Range> ranges;
  Table<uint32_t, Device> devices;
  Table<uint32_t, uint64_t> reserved_ports;
  Table<ReverseSocketKey, ReverseSocket> reverse_sockets;
  Table<uint64_t, uint32_t> socket_lb_off;
  Table<SourceRangeKey, uint32_t> source_ranges;
  Table<uint32_t, MaglevBlock> maglev;
  Table<uint32_t, PolicyState> policy_state;
  Table<Address, PodPolicy> pod_policies;
  Table<PolicyPeerKey, uint32_t> policy_peers;
  Table<PolicyRangeKey, uint32_t> policy_ranges;
  Table<PolicyPortKey, uint32_t> policy_ports;
  Table<Tuple, PolicyFlow> policy_flows;
  Table<Tuple, PolicyFlow> new_policy_flows;
};

// The maps pinned under `pin_dir`/maps: also how the command line looks at a node it does not run.
Result<Maps> open_maps(const std::string& pin_dir);
// Continues with the maps pinned there now: those that have grown are others.
Status reopen_maps(Maps& maps, const std::string& pin_dir);
// Empty ones in memory.
Maps memory_maps();

}  // namespace skiff::datapath
