// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/harness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "bpf/abi/overlay.h"
#include "tunnel.skel.h"

namespace skiff::testing {

namespace {

constexpr size_t kLargestFrame = 4096;
constexpr std::string_view kCarried = " carried";

std::string& pin_root() {
  static std::string root;
  return root;
}

Status enter_namespaces() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) return errno_status(errno, "unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) {
    return errno_status(errno, "make mounts private");
  }
  // What /sys shows belongs to a network namespace; /proc/sys/net follows the thread.
  const std::string root = fmt::format("/tmp/skiff-bpf-test-{}", ::getpid());
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (::mount("bpf", root.c_str(), "bpf", 0, nullptr) < 0) return errno_status(errno, "bpffs");
  pin_root() = root;
  return {};
}

template <class K, class V>
Status clear(datapath::Map<K, V>& map) {
  return datapath::sync(map, {});
}

// `context` (__sk_buff, xdp_md) becomes what the program has made of it.
template <class Context>
Result<RunResult> test_run(int program, const Frame& frame, Context& context, uint64_t repeat) {
  const Context before = context;
  RunResult result;
  result.frame.resize(kLargestFrame);
  DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
                      .data_out = result.frame.data(),
                      .data_size_in = static_cast<uint32_t>(frame.size()),
                      .data_size_out = static_cast<uint32_t>(result.frame.size()),
                      .ctx_in = &before, .ctx_out = &context, .ctx_size_in = sizeof(before),
                      .ctx_size_out = sizeof(context), .repeat = static_cast<int>(repeat));
  if (::bpf_prog_test_run_opts(program, &options) < 0) return errno_status(errno, "run program");
  result.frame.resize(options.data_size_out);
  result.action = static_cast<int>(options.retval);
  result.nanoseconds = options.duration;
  return result;
}

}  // namespace

std::optional<std::string> isolate_process() {
  if (!pin_root().empty()) return std::nullopt;
  if (::geteuid() != 0) return "needs root";
  const Status entered = enter_namespaces();
  if (!entered.ok()) return std::string(message(entered));
  // The mount point is in this mount namespace alone; the directory under it is not.
  std::atexit([] {
    ::umount2(pin_root().c_str(), MNT_DETACH);
    ::rmdir(pin_root().c_str());
  });
  return std::nullopt;
}

std::string test_pin_dir(std::string_view name) {
  return fmt::format("{}/{}", pin_root(), name);
}

// The programs of tunnel.bpf.c.
struct Harness::Tunnel {
  skiff_tunnel_skeleton* programs = nullptr;

  int came_with() const { return ::bpf_program__fd(programs->progs.came_with); }
  int leaves_with() const { return ::bpf_program__fd(programs->progs.leaves_with); }
  Status test(int program) const {
    const uint32_t zero = 0;
    if (::bpf_map_update_elem(::bpf_map__fd(programs->maps.tested), &zero, &program, 0) < 0)
      return errno_status(errno, "prepare outer header");
    programs->bss->runs = 0;
    return {};
  }
  void put(const std::string& outer) const {
    const bool carried = outer.ends_with(kCarried);
    const IpAddress sender =
        IpAddress::parse(outer.substr(0, outer.size() - (carried ? kCarried.size() : 0))).value();
    programs->bss->vni = carried ? SKIFF_CARRIED_VNI : SKIFF_OVERLAY_VNI;
    programs->bss->is_v6 = !sender.is_v4();
    if (sender.is_v4()) programs->bss->outer4 = sender.v4_host_order();
    std::memcpy(programs->bss->outer6, sender.bytes().data(), sizeof(programs->bss->outer6));
  }
  std::string read() const {
    const uint32_t vni = programs->bss->vni;
    if (vni != SKIFF_OVERLAY_VNI && vni != SKIFF_CARRIED_VNI) return fmt::format("network {}", vni);
    std::string outer = IpAddress::v4(programs->bss->outer4).to_string();
    if (programs->bss->is_v6 != 0) {
      std::array<uint8_t, 16> bytes;
      std::memcpy(bytes.data(), programs->bss->outer6, sizeof(bytes));
      outer = IpAddress(bytes).to_string();
    }
    return outer.append(vni == SKIFF_CARRIED_VNI ? kCarried : "");
  }
};

void Harness::TunnelDeleter::operator()(Tunnel* tunnel) const {
  skiff_tunnel_skeleton::destroy(tunnel->programs);
  delete tunnel;
}

Result<std::unique_ptr<Harness>> Harness::create(datapath::DatapathOptions options, int number) {
  std::unique_ptr<Harness> harness(new Harness(number));
  ASSIGN_OR_RETURN(auto netns, net::Netns::create_anonymous());
  harness->netns_ = std::make_unique<net::Netns>(std::move(netns));
  RETURN_IF_ERROR(harness->enter());
  harness->pin_dir_ = test_pin_dir(number == 0 ? "harness" : fmt::format("harness{}", number));
  options.pin_dir = harness->pin_dir_;
  options.check_pod_mac = true;
  options.sizes.flows = kFlows;
  options.sizes.grown["policy_flows"] = kFlows;
  options.express = true;
  options.snat_ports = {61000, 61000};  // one port: tables can name it
  RETURN_IF_ERROR(harness->build_network(), "build network");
  ASSIGN_OR_RETURN(harness->datapath_, datapath::Datapath::open(options));
  RETURN_IF_ERROR(harness->load_programs());
  harness->tunnel_.reset(new Tunnel{skiff_tunnel_skeleton::open_and_load()});
  if (harness->tunnel_->programs == nullptr) return errno_status(errno, "load tunnel programs");
  return harness;
}

Harness::~Harness() {
  datapath_.reset();
  if (enter().ok()) (void)datapath::uninstall(pin_dir_);
}

Status Harness::enter() const {
  if (::setns(netns_->fd(), CLONE_NEWNET) < 0) return errno_status(errno, "enter the node");
  return {};
}

Status Harness::reset() {
  RETURN_IF_ERROR(clear(*maps().flows));
  RETURN_IF_ERROR(clear(*maps().new_flows));
  RETURN_IF_ERROR(clear(*maps().aliases));
  RETURN_IF_ERROR(clear(*maps().new_aliases));
  RETURN_IF_ERROR(clear(*maps().affinity));
  RETURN_IF_ERROR(clear(*maps().fragments));
  RETURN_IF_ERROR(clear(*maps().source_ranges));
  RETURN_IF_ERROR(clear(*maps().service_counters));
  RETURN_IF_ERROR(clear(*maps().frontends));
  RETURN_IF_ERROR(clear(*maps().policy_flows));
  RETURN_IF_ERROR(clear(*maps().new_policy_flows));
  RETURN_IF_ERROR(clear(*maps().pod_policies));
  RETURN_IF_ERROR(maps().policy_state->put(0, {}));
  if (std::exchange(limited_, false)) RETURN_IF_ERROR(attach_pod(0, {}));
  ASSIGN_OR_RETURN(const auto reasons, datapath_->reasons());
  for (const auto& count : reasons) reasons_before_[count.label] = count.packets;
  return {};
}

int Harness::ifindex_of(Program program) const {
  if (program == Program::kFromPod || program == Program::kToPod) return pod_ifindex_[0];
  const bool device = program == Program::kFromDevice || program == Program::kToDevice;
  return device ? device_ifindex_ : overlay_ifindex_;
}

Result<RunResult> Harness::run_program(int fd, int ifindex, const Frame& frame,
                                       const Arrival& arrival) {
  __sk_buff context = {};
  context.ifindex = static_cast<uint32_t>(ifindex);
  if (!arrival.from_node) context.ingress_ifindex = static_cast<uint32_t>(pod_ifindex_[0]);
  context.gso_segs = arrival.segments;
  context.gso_size = arrival.segments > 0 ? 1000 : 0;
  context.mark = arrival.mark;
  ASSIGN_OR_RETURN(RunResult result, test_run(fd, frame, context, arrival.repeat));
  result.mark = context.mark;
  result.due_ns = context.tstamp;
  return result;
}

Result<RunResult> Harness::run(Program program, const Frame& frame, const Arrival& arrival) {
  RETURN_IF_ERROR(enter());
  const int ifindex = ifindex_of(program);
  if (arrival.outer.empty()) {
    ASSIGN_OR_RETURN(RunResult result, run_program(program_fd(program), ifindex, frame, arrival));
    if (result.action == TC_ACT_SHOT) return result;
    if (program == Program::kToOverlay || result.mark == SKIFF_CARRIED_MARK) {
      ASSIGN_OR_RETURN(result.outer, outer_of(program, frame, arrival));
    }
    return result;
  }
  RETURN_IF_ERROR(tunnel_->test(program_fd(program)));
  tunnel_->put(arrival.outer);
  return run_program(tunnel_->came_with(), ifindex, frame, arrival);
}

Result<RunResult> Harness::run_express(const Frame& frame, const Arrival& arrival) {
  RETURN_IF_ERROR(enter());
  xdp_md context = {};
  context.data_end = static_cast<uint32_t>(frame.size());
  context.ingress_ifindex = static_cast<uint32_t>(device_ifindex_);
  ASSIGN_OR_RETURN(RunResult result, test_run(express_.get(), frame, context, arrival.repeat));
  if (result.action != XDP_TX) {
    if (result.action != XDP_PASS || result.frame != frame)
      return internal_error("XDP verdict {} on a changed frame", result.action);
    return run(Program::kFromDevice, frame, arrival);
  }
  ++express_packets_;
  result.action = TC_ACT_REDIRECT;
  return result;
}

// Runs the program once more, and reads what it has put around the packet.
Result<std::string> Harness::outer_of(Program program, const Frame& frame, const Arrival& arrival) {
  RETURN_IF_ERROR(tunnel_->test(program_fd(program)));
  Arrival twice = arrival;
  twice.repeat = 2;
  ASSIGN_OR_RETURN(const RunResult result,
                   run_program(tunnel_->leaves_with(), ifindex_of(program), frame, twice));
  return result.action == TC_ACT_SHOT ? std::string() : tunnel_->read();
}

uint64_t Harness::all_reasons() const {
  uint64_t packets = 0;
  if (const auto reasons = datapath_->reasons(); reasons.ok())
    for (const auto& count : *reasons) packets += count.packets;
  return packets;
}

uint64_t Harness::reason(std::string_view label) const {
  const auto reasons = datapath_->reasons();
  if (!reasons.ok()) return 0;
  for (const auto& count : *reasons) {
    if (count.label != label) continue;
    const auto before = reasons_before_.find(label);
    return count.packets - (before == reasons_before_.end() ? 0 : before->second);
  }
  return 0;
}

}  // namespace skiff::testing
