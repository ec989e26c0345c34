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
  bool v4;
};

inline constexpr World kWorlds[] = {
    {"10.244.0.5", "10.244.0.6", "10.244.1.7", "10.89.0.2", "10.89.0.3", "10.96.0.20",
     "203.0.113.9", "198.51.100.7", "192.0.2.80", "203.0.113.33", true},
    {"fd00:10:244::5", "fd00:10:244::6", "fd00:10:244:1::7", "fd00:10:89::2", "fd00:10:89::3",
     "fd00:10:96::20", "2001:db8::9", "2001:db8:ffff::7", "2001:db8:80::80", "2001:db8::33", false},
};

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

// Tables by topic; each in one family.
void add_service_cases(std::vector<Case>& cases, const World& w);         // service_cases.cpp
void add_refused_packet_cases(std::vector<Case>& cases, const World& w);  // refusal_cases.cpp

}  // namespace skiff::testing
