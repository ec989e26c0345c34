// SPDX-License-Identifier: Apache-2.0
// One node without any packet of its own: the programs are loaded and attached in a network
// namespace of its own, and run on frames by BPF_PROG_TEST_RUN.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/datapath/datapath.h"
#include "agent/net/netns.h"
#include "base/unique_fd.h"
#include "tests/builders/packet_builder.h"

namespace skiff::testing {

// Gives the process (still one thread) a network and a mount namespace of its own, with a bpffs.
// The reason if that is not possible here; nullopt when done, also by an earlier call.
std::optional<std::string> isolate_process();
// Where pins of this process go.
std::string test_pin_dir(std::string_view name);

enum class Program { kFromPod, kToPod, kFromDevice, kToDevice, kFromOverlay, kToOverlay };
inline constexpr size_t kPrograms = 6;

// How a frame comes to a program, as far as its bytes do not say.
struct Arrival {
  bool from_node = false;  // sent by a process of the node, not forwarded
  // kFromOverlay: who sent the datagram around it, and " carried" where it brings a client outside;
  // empty: nobody.
  std::string outer = {};
  uint32_t segments = 0;  // it will be cut into; 0: not at all
  uint32_t mark = 0;
  uint32_t repeat = 1;
};

struct RunResult {
  int action = 0;  // TC_ACT_*
  Frame frame;
  uint32_t nanoseconds = 0;
  uint32_t mark = 0;
  uint64_t due_ns = 0;  // its time stamp: when a queue that looks at it sends the packet
  std::string outer;    // whom the datagram around it is for (Arrival::outer); empty: there is none
};

// Node `number` of the tables' cluster: 10.89.0.2 and fd00:10:89::2 (each number is one more) on
// eth0, a default route by a neighbour whose MAC is known, two pods, pod ranges, service ranges,
// another node on the segment, and across the overlay one node by IPv4 (10.90.0.3, pods
// 10.244.8.0/24) and one by IPv6 (fd00:10:90::4, pods 10.244.9.0/24).
class Harness {
 public:
  static Result<std::unique_ptr<Harness>> create(datapath::DatapathOptions options = {},
                                                 int number = 0);
  ~Harness();

  datapath::Datapath& datapath() { return *datapath_; }
  datapath::Maps& maps() { return datapath_->maps(); }
  // Empties what packets and tests write: flows, affinity, fragments, services, policies.
  Status reset();
  // Runs `program` on `frame` as if it came in or went out at its device.
  Result<RunResult> run(Program program, const Frame& frame, const Arrival& arrival = {});
  // The device's driver looks at `frame` first: the frame it sends back (action XDP_TX), or what
  // run(kFromDevice) says of what it lets by.
  Result<RunResult> run_express(const Frame& frame, const Arrival& arrival = {});
  bool has_express() const { return static_cast<bool>(express_); }  // not on Linux 6.1
  uint64_t express_packets() const { return express_packets_; }     // sent back so far
  // How often a reason has been counted since reset().
  uint64_t reason(std::string_view label) const;
  uint64_t all_reasons() const;

  // One Service port with these backends ("10.244.0.5", 8080).
  struct Service {
    std::string address;  // empty: the NodePort of both families, `port` being it
    uint16_t port = 0;
    uint8_t protocol = 6;
    std::vector<std::pair<std::string, uint16_t>> backends;
    uint32_t id = 1;
    uint32_t affinity_seconds = 0;
    uint32_t flags = 0;
    uint32_t base = 0;
    uint32_t generation = 1;
    uint8_t scope = 0;
    std::vector<std::pair<std::string, uint16_t>> draining = {};
    bool draining_unready = false;
    std::vector<std::string> source_ranges = {};
    uint32_t maglev_base = 0, maglev_size = 0;
  };
  Status add_service(const Service& service);
  // Whether the device to the outside has addresses to hide behind.
  Status set_device_addresses(bool present);

  // What its first pod may send and get, until reset().
  Status limit_pod(const datapath::PodLimits& limits);
  int device_ifindex() const { return device_ifindex_; }
  // Knows `other` as the next hop of its pods, or as a node across the overlay.
  Status reach_directly(const Harness& other);
  Status reach_by_overlay(const Harness& other, bool outer_v4);

  IpAddress node_address(bool v4) const;
  IpAddress pod_address(int pod, bool v4) const;
  datapath::MacAddress device_mac() const { return mac(kDeviceMac); }

  static constexpr uint32_t kFlows = 1024;  // a table that tests can fill
  static constexpr datapath::MacAddress kPodMac{0x02, 0, 0, 0, 0, 0x50};
  static constexpr datapath::MacAddress kPodGatewayMac{0x02, 0, 0, 0, 1, 2};
  static constexpr datapath::MacAddress kOtherPodMac{0x02, 0, 0, 0, 2, 1};
  static constexpr datapath::MacAddress kOtherPodGatewayMac{0x02, 0, 0, 0, 2, 2};
  static constexpr datapath::MacAddress kDeviceMac{0x02, 0, 0, 0, 3, 1};
  static constexpr datapath::MacAddress kRouterMac{0x02, 0, 0, 0, 3, 2};

 private:
  explicit Harness(int number) : number_(number) {}
  // The calling thread goes into the node's namespace, and stays there.
  Status enter() const;
  Status build_network();
  Status add_routes();
  Status load_programs();
  Status take_programs();
  Status put_backends(const Service& service);
  Status attach_pod(int pod, const datapath::PodLimits& limits);
  Status put_peers(std::vector<datapath::OverlayPeer> more);
  static Result<int> program_of_link(const std::string& pin);
  Result<int> program_of(const std::string& what, int ifindex, bool ingress);
  Result<RunResult> run_program(int fd, int ifindex, const Frame& frame, const Arrival& arrival);
  Result<std::string> outer_of(Program program, const Frame& frame, const Arrival& arrival);
  int ifindex_of(Program program) const;
  int program_fd(Program program) const { return programs_[static_cast<size_t>(program)].get(); }
  // Nodes differ in the second byte.
  datapath::MacAddress mac(datapath::MacAddress of_first) const;

  int number_;
  std::string pin_dir_;
  std::unique_ptr<net::Netns> netns_;
  std::unique_ptr<datapath::Datapath> datapath_;
  UniqueFd programs_[kPrograms];
  UniqueFd express_;
  uint64_t express_packets_ = 0;
  struct Tunnel;
  struct TunnelDeleter {
    void operator()(Tunnel* tunnel) const;
  };
  std::unique_ptr<Tunnel, TunnelDeleter> tunnel_;
  int pod_ifindex_[2] = {};
  int device_ifindex_ = 0, overlay_ifindex_ = 0;
  bool limited_ = false;
  std::map<std::string, uint64_t, std::less<>> reasons_before_;
};

}  // namespace skiff::testing
