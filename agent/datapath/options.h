// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/port_range.h"

namespace skiff::datapath {

// Entries of the maps whose size depends on the cluster. A pinned map never shrinks.
struct MapSizes {
  uint32_t frontends = 65536;
  uint32_t backends = 524288;
  uint32_t flows = 262144;
  uint32_t new_flows = 16384;
  uint32_t affinity = 16384;
  uint32_t reverse_sockets = 65536;
  std::map<std::string, uint32_t, std::less<>> grown;  // by name of the map; comes first
};

enum class TcHook : uint8_t {
  kAutomatic,  // tcx where the kernel has it (6.6), clsact below (ADR 0006)
  kTcx,
  kClsact,
};

struct DatapathOptions {
  std::string pin_dir;      // on a bpffs, or below /sys/fs/bpf, where one is mounted if absent
  std::string cgroup_path;  // cgroup v2 directory whose processes get socket load balancing;
                            // empty: none
  PortRange node_ports = kNodePorts;
  bool node_port_loopback = true;  // NodePorts are served at 127.0.0.1 and ::1, too
  // Outside the kernel's default ephemeral ports (32768-60999). Where these overlap,
  // net.ipv4.ip_local_reserved_ports has to hold the range.
  PortRange snat_ports = kSnatPorts;
  bool express = false;          // accelerate_device() will be called
  bool policy_rejects = false;   // what a policy denies is answered, not dropped
  bool check_pod_source = true;  // addresses, neighbour discovery, no router advertisements
  bool check_pod_mac = false;    // off where frames are made by hand: in tests
  bool trace = true;             // programs tell of flows and drops, packets can be tapped
  bool foreign_pods = false;     // another CNI attaches the pods of this node
  bool foreign_flows = false;    // kube-proxy served this node before: its connections go on
  TcHook tc_hook = TcHook::kAutomatic;
  MapSizes sizes;
};

}  // namespace skiff::datapath
