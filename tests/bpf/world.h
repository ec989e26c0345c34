// SPDX-License-Identifier: Apache-2.0
// Who is who in the packet tables, and short words for what the programs do to a frame.
#pragma once

#include "tests/bpf/cases.h"

namespace skiff::testing {

using enum Program;
using enum Verdict;

// The node's world in one family, so that each case is written once and run in both.
struct World {
  const char* pod;  // of this node, and its neighbour
  const char* other_pod;
  const char* remote_pod;  // of another node
  const char* node;
  const char* other_node;
  const char* vip;
  const char* outside;
  const char* stranger;  // another client outside
  const char* balancer;  // a load balancer address
  const char* endpoint;  // serves outside the cluster
  const char* far_pod;   // across the overlay, by IPv4
  const char* far_pod6;  // and by IPv6
  const char* gateway;   // the node's own address towards pods
  bool v4;
};

inline constexpr World kWorlds[] = {
    {"10.244.0.5", "10.244.0.6", "10.244.1.7", "10.89.0.2", "10.89.0.3", "10.96.0.20",
     "203.0.113.9", "198.51.100.7", "192.0.2.80", "203.0.113.33", "10.244.8.7", "10.244.7.7",
     "169.254.1.1", true},
    {"fd00:10:244::5", "fd00:10:244::6", "fd00:10:244:1::7", "fd00:10:89::2", "fd00:10:89::3",
     "fd00:10:96::20", "2001:db8::9", "2001:db8:ffff::7", "2001:db8:80::80", "2001:db8::33",
     "fd00:10:244:8::7", "fd00:10:244:7::7", "fe80::1", false},
};
// The nodes there, by the addresses their datagrams carry.
inline constexpr const char* kFarNode = "10.90.0.3";
inline constexpr const char* kFarNode6 = "fd00:10:90::4";

using Builder = PacketBuilder;

inline Builder into_pod(Builder builder) {
  return builder.macs(Harness::kPodMac, Harness::kPodGatewayMac).hop_limit(63);
}
inline Builder into_other_pod(Builder builder) {
  return builder.macs(Harness::kOtherPodMac, Harness::kOtherPodGatewayMac).hop_limit(63);
}
inline Builder to_router(Builder builder) {
  return builder.macs(Harness::kRouterMac, Harness::kDeviceMac).hop_limit(63);
}
// Refusals go back where the frame came from.
inline Builder back(Builder builder) {
  return builder.macs({0x02, 0, 0, 0, 0, 0x50}, {0x02, 0, 0, 0, 0, 0xd0});
}

// Into the overlay's device, which needs no MAC addresses.
inline Builder across(Builder builder) {
  return builder.hop_limit(63);
}

// Leaves a table of flows no room.
template <class Flow>
Status fill_flows(datapath::Map<datapath::Tuple, Flow>& flows) {
  datapath::Tuple key = {};
  // A write may fail before the table is full: the kernel's allocator refills itself by interrupts,
  // and 6.1 does not wait for them.
  uint32_t entered = 0;
  for (uint32_t i = 0; i < 50000 && entered < Harness::kFlows; ++i) {
    key.source_port = static_cast<uint16_t>(i);
    entered += flows.put(key, {}).ok();
  }
  return entered == Harness::kFlows ? Status() : internal_error("cannot fill the table");
}

// Tables by topic; each in one family.
void add_service_cases(std::vector<Case>& cases, const World& w);         // service_cases.cpp
void add_refused_packet_cases(std::vector<Case>& cases, const World& w);  // refusal_cases.cpp
void add_overlay_cases(std::vector<Case>& cases, const World& w);         // overlay_cases.cpp
void add_to_pod_cases(std::vector<Case>& cases, const World& w);          // to_pod_cases.cpp
void add_neighbour_cases(std::vector<Case>& cases, const World& w);       // neighbour_cases.cpp
void add_bandwidth_cases(std::vector<Case>& cases, const World& w);       // bandwidth_cases.cpp
void add_carry_cases(std::vector<Case>& cases, const World& w);           // carry_cases.cpp
void add_express_cases(std::vector<Case>& cases, const World& w);         // express_cases.cpp
void add_edge_cases(std::vector<Case>& cases, const World& w);            // edge_cases.cpp

}  // namespace skiff::testing
