// SPDX-License-Identifier: Apache-2.0
// The structs shared with the eBPF programs (bpf/abi), under names of our own, and conversions
// to and from the types of base/.
#pragma once

#include <cstring>

#include "base/ip.h"
#include "bpf/abi/bandwidth.h"
#include "bpf/abi/config.h"
#include "bpf/abi/flow.h"
#include "bpf/abi/node.h"
#include "bpf/abi/overlay.h"
#include "bpf/abi/pod.h"
#include "bpf/abi/policy.h"
#include "bpf/abi/reason.h"
#include "bpf/abi/service.h"
#include "bpf/abi/socket.h"
#include "bpf/abi/trace.h"

namespace skiff::datapath {

using Address = skiff_address;
using Affinity = skiff_affinity;
using AffinityKey = skiff_affinity_key;
using Backend = skiff_backend;
using Bandwidth = skiff_bandwidth;
using Device = skiff_device;
using Flow = skiff_flow;
using FlowAlias = skiff_flow_alias;
using Fragment = skiff_fragment;
using FragmentKey = skiff_fragment_key;
using Frontend = skiff_frontend;
using FrontendKey = skiff_frontend_key;
using MaglevBlock = skiff_maglev_block;
using Node = skiff_node;
using Peer = skiff_peer;
using Pod = skiff_pod;
using PodPolicy = skiff_pod_policy;
using PolicyFlow = skiff_policy_flow;
using PolicyPeerKey = skiff_policy_peer_key;
using PolicyPortKey = skiff_policy_port_key;
using PolicyRangeKey = skiff_policy_range_key;
using PolicySide = skiff_policy_side;
using PolicyState = skiff_policy_state;
using Range = skiff_range;
using RangeKey = skiff_range_key;
using ReverseSocket = skiff_reverse_socket;
using ReverseSocketKey = skiff_reverse_socket_key;
using ServiceCounter = skiff_service_counter;
using SocketAddress = skiff_socket_address;
using SourceRangeKey = skiff_source_range_key;
using StaleSocket = skiff_stale_socket;
using Tuple = skiff_tuple;

inline Address to_abi(const IpAddress& ip) {
  Address address;
  std::memcpy(&address, ip.bytes().data(), sizeof(address));
  return address;
}

inline IpAddress from_abi(const Address& address) {
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &address, sizeof(address));
  return IpAddress(bytes);
}

inline RangeKey to_abi(const Cidr& cidr) {
  return {.prefix_bits = cidr.mapped_prefix(), .address = to_abi(cidr.base())};
}

// Ports cross in network order: these are the only two places that swap.
inline __be16 port_be(uint16_t port) {
  return __builtin_bswap16(port);
}
inline uint16_t port_of(__be16 port) {
  return __builtin_bswap16(port);
}

// The address under which NodePorts of a family are written (bpf/abi/service.h).
inline Address node_port_address(bool v4) {
  return v4 ? to_abi(IpAddress::v4(0)) : Address{};
}

// Orders keys by their bytes; they have no padding.
struct BytesLess {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return std::memcmp(&a, &b, sizeof(T)) < 0;
  }
};

}  // namespace skiff::datapath
