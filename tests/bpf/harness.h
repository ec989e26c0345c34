// SPDX-License-Identifier: Apache-2.0
// One node without any packet of its own: the programs are loaded and attached in a network
// namespace that the process made, and run on frames by BPF_PROG_TEST_RUN.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/datapath/datapath.h"
#include "base/unique_fd.h"
#include "tests/builders/packet_builder.h"

namespace skiff::testing {

// Gives the process (still one thread) a network and a mount namespace of its own, with a bpffs.
// The reason if that is not possible here; nullopt when done, also by an earlier call.
std::optional<std::string> isolate_process();
// Where pins of this process go.
std::string test_pin_dir(std::string_view name);

enum class Program { kFromPod, kToPod, kFromDevice, kToDevice };

struct RunResult {
  int action = 0;  // TC_ACT_*
  Frame frame;
  uint32_t nanoseconds = 0;
};

// The node of the tables: eth0 10.89.0.2 and fd00:10:89::2, a default route by a neighbour whose
// MAC is known; two pods of this node, pod ranges, service ranges, another node.
class Harness {
 public:
  static Result<std::unique_ptr<Harness>> create(datapath::DatapathOptions options = {});
  ~Harness();

  datapath::Datapath& datapath() { return *datapath_; }
  datapath::Maps& maps() { return datapath_->maps(); }
  // Empties what packets and tests write: flows, affinity, fragments, services.
  Status reset();
  // Runs `program` on `frame` as if it came in or went out at its device. `from_node`: sent by a
  // process of the node, not forwarded.
  Result<RunResult> run(Program program, const Frame& frame, bool from_node = false,
                        uint32_t repeat = 1);
  // How often a reason has been counted since reset().
  uint64_t reason(std::string_view label) const;

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

  static constexpr uint32_t kFlows = 1024;  // a table that tests can fill
  static constexpr datapath::MacAddress kPodMac{0x02, 0, 0, 0, 1, 1};
  static constexpr datapath::MacAddress kPodGatewayMac{0x02, 0, 0, 0, 1, 2};
  static constexpr datapath::MacAddress kOtherPodMac{0x02, 0, 0, 0, 2, 1};
  static constexpr datapath::MacAddress kOtherPodGatewayMac{0x02, 0, 0, 0, 2, 2};
  static constexpr datapath::MacAddress kDeviceMac{0x02, 0, 0, 0, 3, 1};
  static constexpr datapath::MacAddress kRouterMac{0x02, 0, 0, 0, 3, 2};

 private:
  Harness() = default;
  Status build_network();
  Status load_programs();
  Status put_backends(const Service& service);
  Result<int> program_of(const char* what, int ifindex, bool ingress);

  std::string pin_dir_;
  std::unique_ptr<datapath::Datapath> datapath_;
  UniqueFd programs_[4];
  int pod_ifindex_ = 0, other_pod_ifindex_ = 0, device_ifindex_ = 0;
  std::map<std::string, uint64_t, std::less<>> reasons_before_;
};

}  // namespace skiff::testing
