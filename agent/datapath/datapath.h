// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/maps.h"
#include "agent/datapath/options.h"
#include "agent/datapath/probe.h"
#include "agent/datapath/reasons.h"
#include "base/ip.h"

namespace skiff::datapath {

using MacAddress = std::array<uint8_t, 6>;

// What a pod may send and get, in bits a second; 0: as much as it likes.
struct PodLimits {
  uint64_t egress_rate = 0;
  uint64_t ingress_rate = 0;
  uint64_t egress_burst = 0;  // bits that may go at once; less than a quarter second's is that
  uint64_t ingress_burst = 0;
  bool ingress_queued = false;  // the host's side has a queue that limits what the pod gets
  // The uplink, if its queue sends by time stamp: what leaves there waits instead of being dropped.
  int paced_uplink = 0;
};

// A pod at its veth. The host's side is in the node's network namespace, the other in the pod's.
struct PodAttachment {
  int ifindex = 0;  // the host's side
  std::vector<IpAddress> addresses;
  MacAddress mac{};          // of the pod's side
  MacAddress gateway_mac{};  // of the host's side
  uint32_t identity = 0;     // which pod, for traces
  PodLimits limits = {};
};

// What pods and NodePort clients are hidden behind on a device to the outside, one a family.
struct DeviceAddresses {
  IpAddress v4;  // unspecified: none
  IpAddress v6;

  bool operator==(const DeviceAddresses&) const = default;
};

struct NodeAddress {
  IpAddress address;
  bool local = false;      // of this node
  bool node_ports = true;  // NodePorts are valid there

  bool operator==(const NodeAddress&) const = default;
};

// A destination across the overlay, and the node there.
struct OverlayPeer {
  Cidr range;
  IpAddress remote;
  IpAddress local;      // this node's address of the same family
  bool routed = false;  // on this segment: reached by routes, but for what is carried (ADR 0041)
};

// The programs of one node, in the kernel and at their hooks. Everything is pinned: destroying this
// object, or the process, changes nothing for packets; opening it again replaces the programs
// atomically at every hook they are at. All calls are synchronous, idempotent, take microseconds
// (opening: some ten milliseconds), and belong to the thread of the node's network namespace.
class Datapath {
 public:
  // Loads the programs, reusing the maps pinned under options.pin_dir, attaches socket load
  // balancing to the cgroup, and replaces the programs of every link that is pinned already.
  static Result<std::unique_ptr<Datapath>> open(const DatapathOptions& options);
  ~Datapath();

  Maps& maps() { return maps_; }
  // Maps whose layout has changed since they were pinned so that their entries could not be brought
  // over: they begin empty.
  const std::vector<std::string>& recreated_maps() const { return recreated_; }
  bool uses_tcx() const { return tcx_; }
  // One of those is for the agent to fill: until it calls finish_upgrade(), packets meet the
  // programs and the maps that were there before.
  bool waiting() const { return waiting_; }
  Status finish_upgrade();
  // Makes these maps larger (name -> entries) with all they hold, under traffic. Takes some ten
  // milliseconds and a microsecond an entry. `maps()` goes on being valid, in every thread.
  Status grow(const std::map<std::string, uint32_t>& sizes);

  // Entries first, hooks last: a pod's first packet finds itself known. Addresses the device had
  // before and has no more are forgotten.
  Status attach_pod(const PodAttachment& pod);
  // Forgets the device and all its addresses; also after the device is gone.
  Status detach_pod(int ifindex);
  Status attach_device(int ifindex, const DeviceAddresses& addresses);
  // Packets in the middle of NodePort connections that go back out by the device they came in do so
  // in its driver (bpf/xdp.bpf.c); options.express must be set. FAILED_PRECONDITION: the driver
  // cannot, and the programs at tc go on doing it.
  Status accelerate_device(int ifindex);
  Status detach_device(int ifindex);
  // The whole of the overlay: its device and what lies across it. Empty: forgets both.
  Status set_overlay(int ifindex, std::span<const OverlayPeer> peers);

  // The node addresses of the whole cluster: pods reach them unmasked. Of one that is there twice
  // the last counts.
  Status set_nodes(std::span<const NodeAddress> addresses);
  // With NodePorts on all of them.
  Status set_nodes(std::span<const IpAddress> local, std::span<const IpAddress> others);
  // Pod ranges (and other destinations that pods reach with their own address) and Service ranges.
  Status set_ranges(std::span<const Cidr> unmasked, std::span<const Cidr> services);

  // Removes silent flows. Open one a sweep: maps are replaced when they grow.
  Result<FlowSweeper> flow_sweeper() const;

  // Packets dropped or refused since the maps were made, by reason.
  Result<std::vector<ReasonCount>> reasons() const;

  // For a copy of a program to ask: PacketProbe::open, which may do so in another thread.
  ProbeSource probe_source() const;

 private:
  struct Programs;
  Datapath(DatapathOptions options, bool tcx);
  Status load();
  Status load_overlay(const skiff_config& config);
  Status attach_sockets();
  Status update_pinned_links();
  Status update_filters();
  Status switch_over();
  Status switch_programs();
  bool is_attached(const std::string& pin, int ifindex) const;
  Status limit_pod(int ifindex, const PodLimits& limits);
  Status attach_both(const char* what, int ifindex, int ingress_fd, int egress_fd);
  Status detach_both(const char* what, int ifindex);

  DatapathOptions options_;
  bool tcx_;
  std::unique_ptr<Programs> programs_;
  Maps maps_;
  std::vector<std::string> recreated_;
  bool waiting_ = false;
};

// Removes every hook and every pin under `pin_dir`, and the directory. Call it in the node's
// network namespace: filters below 6.6 are found through the maps. Idempotent.
Status uninstall(const std::string& pin_dir);

// Erases what `desired` does not have, writes what differs.
template <class K, class V>
Status sync(Map<K, V>& map, const std::map<K, V, BytesLess>& desired) {
  std::vector<K> stale;
  std::map<K, V, BytesLess> missing = desired;
  RETURN_IF_ERROR(map.for_each([&](const K& key, const V& value) {
    const auto it = missing.find(key);
    if (it == missing.end()) {
      stale.push_back(key);
    } else if (std::memcmp(&it->second, &value, sizeof(V)) == 0) {
      missing.erase(it);
    }
  }));
  for (const auto& [key, value] : missing) RETURN_IF_ERROR(map.put(key, value));
  return map.erase_batch(stale);
}

}  // namespace skiff::datapath
