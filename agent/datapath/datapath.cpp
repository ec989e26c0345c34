// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/datapath.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "agent/datapath/bandwidth.h"
#include "agent/datapath/bpffs.h"
#include "agent/datapath/link.h"
#include "agent/datapath/loader.h"
#include "agent/datapath/programs.h"
#include "agent/datapath/trace.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

namespace {

constexpr uint32_t kChecksumIpv6Flag = 128;  // BPF_F_IPV6, not in the 6.1 headers

bool kernel_at_least(int major, int minor) {
  utsname name = {};
  int have_major = 0, have_minor = 0;
  if (::uname(&name) < 0) return false;
  if (std::sscanf(name.release, "%d.%d", &have_major, &have_minor) != 2) return false;
  return std::pair(have_major, have_minor) >= std::pair(major, minor);
}

Result<skiff_config> make_config(const DatapathOptions& options) {
  ASSIGN_OR_RETURN(const uint64_t cookie, netns_cookie());
  return skiff_config{
      .node_netns_cookie = cookie,
      .node_port_min = options.node_ports.first,
      .node_port_max = options.node_ports.last,
      .snat_port_min = options.snat_ports.first,
      .snat_port_max = options.snat_ports.last,
      .check_pod_source = (options.check_pod_source ? uint32_t{SKIFF_CHECK_POD_ADDRESS} : 0) |
                          (options.check_pod_mac ? uint32_t{SKIFF_CHECK_POD_MAC} : 0),
      // bpf_l4_csum_replace() refuses flags it does not know.
      .ipv6_checksum_flag = kernel_at_least(6, 16) ? kChecksumIpv6Flag : 0,
      .trace = options.trace,
      .foreign = (options.foreign_pods ? uint32_t{SKIFF_FOREIGN_PODS} : 0) |
                 (options.foreign_flows ? uint32_t{SKIFF_FOREIGN_FLOWS} : 0),
      .node_port_loopback = options.node_port_loopback,
      .policy_rejects = options.policy_rejects,
  };
}

Status check_options(const DatapathOptions& options) {
  if (options.pin_dir.empty()) return invalid_argument("pin_dir: must be set");
  if (options.snat_ports.first == 0 || options.snat_ports.first > options.snat_ports.last) {
    return invalid_argument("snat_ports: {}-{} is not a range", options.snat_ports.first,
                            options.snat_ports.last);
  }
  if (options.snat_ports.overlaps(options.node_ports)) {
    return invalid_argument("snat_ports: {} overlaps the NodePorts, {}",
                            options.snat_ports.to_string(), options.node_ports.to_string());
  }
  return {};
}

// Filters of kernels below 6.6, on every device the maps know.
Status detach_filters(const Maps& maps) {
  std::set<uint32_t> devices;
  RETURN_IF_ERROR(
      maps.pods->for_each([&](const Address&, const Pod& pod) { devices.insert(pod.ifindex); }));
  RETURN_IF_ERROR(maps.devices->for_each(
      [&](const uint32_t& ifindex, const Device&) { devices.insert(ifindex); }));
  for (const uint32_t ifindex : devices) {
    RETURN_IF_ERROR(detach_clsact(static_cast<int>(ifindex), TcDirection::kIngress));
    RETURN_IF_ERROR(detach_clsact(static_cast<int>(ifindex), TcDirection::kEgress));
  }
  return {};
}

}  // namespace

Datapath::Datapath(DatapathOptions options, bool tcx) : options_(std::move(options)), tcx_(tcx) {}
Datapath::~Datapath() = default;

Result<std::unique_ptr<Datapath>> Datapath::open(const DatapathOptions& options) {
  RETURN_IF_ERROR(check_options(options), "open datapath");
  RETURN_IF_ERROR(prepare_pin_dir(options.pin_dir), "open datapath");
  // Below 5.11 maps counted against this limit; above, raising it is harmless.
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);

  const bool tcx =
      options.tc_hook == TcHook::kTcx || (options.tc_hook == TcHook::kAutomatic && tcx_supported());
  std::unique_ptr<Datapath> datapath(new Datapath(options, tcx));
  RETURN_IF_ERROR(datapath->load(), "open datapath");
  ASSIGN_OR_RETURN(datapath->maps_, open_maps(options.pin_dir), "open datapath");
  RETURN_IF_ERROR(datapath->switch_over(), "open datapath");
  return datapath;
}

Status Datapath::load() {
  ASSIGN_OR_RETURN(const skiff_config config, make_config(options_));
  programs_ = std::make_unique<Programs>();
  ASSIGN_OR_RETURN(programs_->socket,
                   load_skeleton<skiff_socket_skeleton>(
                       "socket", options_, [&](auto& s) { s.rodata->config = config; }, recreated_,
                       Misfit::kMigrate));
  ASSIGN_OR_RETURN(programs_->pod, load_skeleton<skiff_pod_skeleton>(
                                       "pod", options_, [&](auto& s) { s.rodata->config = config; },
                                       recreated_, Misfit::kMigrate));
  ASSIGN_OR_RETURN(programs_->host,
                   load_skeleton<skiff_host_skeleton>(
                       "host", options_, [&](auto& s) { s.rodata->config = config; }, recreated_,
                       Misfit::kMigrate));
  RETURN_IF_ERROR(load_overlay(config));
  ASSIGN_OR_RETURN(programs_->sweep,
                   load_skeleton<skiff_sweep_skeleton>(
                       "sweep", options_, [](auto&) {}, recreated_, Misfit::kMigrate));
  if (!options_.express) return {};
  // Linux 6.1 refuses it: accelerate_device() says so, and everything else is as without.
  auto express = load_skeleton<skiff_xdp_skeleton>(
      "xdp", options_, [&](auto& s) { s.rodata->config = config; }, recreated_, Misfit::kMigrate);
  if (express.ok()) programs_->xdp = std::move(*express);
  return {};
}

Result<FlowSweeper> Datapath::flow_sweeper() const {
  ASSIGN_OR_RETURN(UniqueFd program,
                   duplicate(::bpf_program__fd(programs_->sweep->progs.skiff_sweep)),
                   "hold the sweep");
  return FlowSweeper(std::move(program));
}

Status Datapath::attach_sockets() {
  if (options_.cgroup_path.empty()) return {};
  const UniqueFd cgroup(::open(options_.cgroup_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup) return errno_status(errno, fmt::format("open cgroup {}", options_.cgroup_path));
  for (const auto& [name, fd, type] : programs_->socket_hooks()) {
    const std::string pin = fmt::format("{}/links/{}", options_.pin_dir, name);
    RETURN_IF_ERROR(attach_cgroup(pin, fd, cgroup.get(), type), "{}", name);
  }
  return {};
}

// Link names say what is at the hook: pod-IFINDEX-ingress, device-IFINDEX-egress, cgroup-connect4.
Status Datapath::update_pinned_links() {
  for (const std::string& name : list_pins(options_.pin_dir + "/links")) {
    const std::string pin = fmt::format("{}/links/{}", options_.pin_dir, name);
    const int fd = programs_->for_link(name);
    if (fd < 0 && name.starts_with("xdp-")) RETURN_IF_ERROR(remove_pin(pin));
    if (fd < 0) continue;
    RETURN_IF_ERROR(update_pinned_link(pin, fd).status(), "{}", name);
  }
  return {};
}

Status Datapath::attach_both(const char* what, int ifindex, int ingress_fd, int egress_fd) {
  const std::string pin = fmt::format("{}/links/{}-{}", options_.pin_dir, what, ifindex);
  // Programs that wait for their maps come to hooks that have none so far.
  if (waiting_ && is_attached(pin, ifindex)) return {};
  if (!tcx_) {
    RETURN_IF_ERROR(attach_clsact(egress_fd, ifindex, TcDirection::kEgress));
    return attach_clsact(ingress_fd, ifindex, TcDirection::kIngress);
  }
  RETURN_IF_ERROR(attach_tcx(pin + "-egress", egress_fd, ifindex, TcDirection::kEgress));
  return attach_tcx(pin + "-ingress", ingress_fd, ifindex, TcDirection::kIngress);
}

Status Datapath::detach_both(const char* what, int ifindex) {
  const std::string pin = fmt::format("{}/links/{}-{}", options_.pin_dir, what, ifindex);
  RETURN_IF_ERROR(remove_pin(pin + "-ingress"));
  RETURN_IF_ERROR(remove_pin(pin + "-egress"));
  if (tcx_) return {};
  RETURN_IF_ERROR(detach_clsact(ifindex, TcDirection::kIngress));
  return detach_clsact(ifindex, TcDirection::kEgress);
}

Status Datapath::attach_pod(const PodAttachment& attachment) {
  Pod pod = {.ifindex = static_cast<uint32_t>(attachment.ifindex),
             .flags = pod_flags(attachment.limits),
             .identity = attachment.identity};
  std::memcpy(pod.mac, attachment.mac.data(), sizeof(pod.mac));
  std::memcpy(pod.gateway_mac, attachment.gateway_mac.data(), sizeof(pod.gateway_mac));
  RETURN_IF_ERROR(limit_pod(attachment.ifindex, attachment.limits), "attach pod");
  std::vector<Address> stale;
  RETURN_IF_ERROR(maps_.pods->for_each([&](const Address& address, const Pod& known) {
    const bool kept =
        std::ranges::find(attachment.addresses, from_abi(address)) != attachment.addresses.end();
    if (known.ifindex == pod.ifindex && !kept) stale.push_back(address);
  }));
  for (const IpAddress& address : attachment.addresses) {
    RETURN_IF_ERROR(maps_.pods->put(to_abi(address), pod), "attach pod {}", address.to_string());
  }
  RETURN_IF_ERROR(maps_.pods->erase_batch(stale), "attach pod");
  return annotate(
      attach_both("pod", attachment.ifindex, programs_->from_pod(), programs_->to_pod()),
      "attach pod");
}

Status Datapath::detach_pod(int ifindex) {
  std::vector<Address> stale;
  RETURN_IF_ERROR(maps_.pods->for_each([&](const Address& address, const Pod& pod) {
    if (pod.ifindex == static_cast<uint32_t>(ifindex)) stale.push_back(address);
  }));
  RETURN_IF_ERROR(maps_.pods->erase_batch(stale), "detach pod");
  RETURN_IF_ERROR(maps_.bandwidth->erase(static_cast<uint32_t>(ifindex)), "detach pod");
  return annotate(detach_both("pod", ifindex), "detach pod");
}

Status Datapath::attach_device(int ifindex, const DeviceAddresses& addresses) {
  const auto entry = [](const IpAddress& ip) {
    return ip.is_unspecified() ? Address{} : to_abi(ip);
  };
  RETURN_IF_ERROR(
      maps_.devices->put(static_cast<uint32_t>(ifindex),
                         {.address4 = entry(addresses.v4), .address6 = entry(addresses.v6)}),
      "attach device");
  return annotate(attach_both("device", ifindex, programs_->from_device(), programs_->to_device()),
                  "attach device");
}

Status Datapath::accelerate_device(int ifindex) {
  if (programs_->express() < 0)
    return failed_precondition("accelerate device: this kernel does not take the XDP program");
  return annotate(attach_xdp(fmt::format("{}/links/xdp-{}", options_.pin_dir, ifindex),
                             programs_->express(), ifindex),
                  "accelerate device");
}

Status Datapath::detach_device(int ifindex) {
  RETURN_IF_ERROR(remove_pin(fmt::format("{}/links/xdp-{}", options_.pin_dir, ifindex)),
                  "detach device");
  RETURN_IF_ERROR(detach_both("device", ifindex), "detach device");
  return maps_.devices->erase(static_cast<uint32_t>(ifindex));
}

Status Datapath::set_nodes(std::span<const NodeAddress> addresses) {
  std::map<Address, Node, BytesLess> desired;
  for (const NodeAddress& each : addresses)
    desired[to_abi(each.address)] = {
        .flags = (each.local ? uint32_t{SKIFF_NODE_LOCAL} : 0) |
                 (each.node_ports ? 0 : uint32_t{SKIFF_NODE_NO_NODE_PORTS}),
        .pad = 0};
  return annotate(sync(*maps_.nodes, desired), "set node addresses");
}

Status Datapath::set_nodes(std::span<const IpAddress> local, std::span<const IpAddress> others) {
  std::vector<NodeAddress> all;
  for (const IpAddress& address : others) all.push_back({address, false, true});
  for (const IpAddress& address : local) all.push_back({address, true, true});
  return set_nodes(all);
}

Status Datapath::set_ranges(std::span<const Cidr> unmasked, std::span<const Cidr> services) {
  std::map<RangeKey, Range, BytesLess> desired;
  for (const Cidr& cidr : unmasked) desired[to_abi(cidr)].flags |= SKIFF_RANGE_NO_MASQUERADE;
  for (const Cidr& cidr : services) desired[to_abi(cidr)].flags |= SKIFF_RANGE_SERVICE;
  return annotate(sync(*maps_.ranges, desired), "set ranges");
}

Result<std::vector<ReasonCount>> Datapath::reasons() const {
  return read_reasons(options_.pin_dir);
}

Status uninstall(const std::string& pin_dir) {
  // Links first: no program must find its maps gone.
  for (const std::string& name : list_pins(pin_dir + "/links")) {
    RETURN_IF_ERROR(remove_pin(pin_dir + "/links/" + name), "uninstall");
  }
  if (const auto maps = open_maps(pin_dir); maps.ok()) {
    RETURN_IF_ERROR(detach_filters(*maps), "uninstall");
  }
  for (const char* part : {"/next/", "/maps/"}) {
    for (const std::string& name : list_pins(pin_dir + part)) {
      RETURN_IF_ERROR(remove_pin(pin_dir + part + name), "uninstall");
    }
  }
  std::error_code ignored;  // a mount point of its own cannot be removed, and need not be
  for (const char* part : {"/links", "/maps", "/next", ""}) {
    std::filesystem::remove(pin_dir + part, ignored);
  }
  return {};
}

}  // namespace skiff::datapath
