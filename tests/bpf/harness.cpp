// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/harness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/neighbour.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"

namespace skiff::testing {

using datapath::Backend;
using datapath::from_abi;
using datapath::to_abi;

namespace {

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

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

template <class K, class V>
Status clear(datapath::Map<K, V>& map) {
  return datapath::sync(map, {});
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

Result<std::unique_ptr<Harness>> Harness::create(datapath::DatapathOptions options) {
  std::unique_ptr<Harness> harness(new Harness);
  harness->pin_dir_ = test_pin_dir("harness");
  options.pin_dir = harness->pin_dir_;
  options.sizes.flows = kFlows;
  options.snat_ports = {61000, 61000};  // one port: tables can name it
  RETURN_IF_ERROR(harness->build_network());
  ASSIGN_OR_RETURN(harness->datapath_, datapath::Datapath::open(options));
  RETURN_IF_ERROR(harness->load_programs());
  return harness;
}

Harness::~Harness() {
  datapath_.reset();
  (void)datapath::uninstall(pin_dir_);
  if (auto netlink = net::Netlink::open(); netlink.ok()) {
    for (const char* name : {"eth0", "pod0", "pod1"}) (void)net::delete_link(*netlink, name);
  }
}

Status Harness::build_network() {
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  const auto make = [&](const char* name, const datapath::MacAddress& mac, int& ifindex) -> Status {
    const std::string peer = fmt::format("{}p", name);
    RETURN_IF_ERROR(net::create_veth(
        netlink, {.end = {.name = name, .mac = mac}, .peer = {.name = peer}, .mtu = 1500}));
    RETURN_IF_ERROR(net::set_up(netlink, name));
    RETURN_IF_ERROR(net::set_up(netlink, peer));
    ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, name));
    ifindex = link.index;
    return {};
  };
  RETURN_IF_ERROR(make("eth0", kDeviceMac, device_ifindex_));
  RETURN_IF_ERROR(make("pod0", kPodGatewayMac, pod_ifindex_));
  RETURN_IF_ERROR(make("pod1", kOtherPodGatewayMac, other_pod_ifindex_));
  for (const auto& [address, prefix, router] : {std::tuple("10.89.0.2", 24, "10.89.0.1"),
                                                std::tuple("fd00:10:89::2", 64, "fd00:10:89::1")}) {
    RETURN_IF_ERROR(
        net::add_address(netlink, device_ifindex_, {ip(address), static_cast<uint8_t>(prefix)}));
    const IpAddress zero = ip(router).is_v4() ? IpAddress::v4(0) : IpAddress();
    RETURN_IF_ERROR(net::replace_route(netlink, {.destination = Cidr(zero, 0), .via = ip(router)}));
    RETURN_IF_ERROR(net::replace_neighbour(netlink, device_ifindex_, ip(router), kRouterMac));
  }
  for (const char* dns : {"10.96.0.10", "fd00:10:96::a"}) {
    const uint8_t prefix = ip(dns).is_v4() ? 32 : 128;
    RETURN_IF_ERROR(net::add_address(netlink, device_ifindex_, {ip(dns), prefix}));
  }
  for (const char* nowhere : {"10.244.9.0/24", "fd00:10:244:9::/64"}) {
    RETURN_IF_ERROR(net::replace_route(netlink, {.destination = Cidr::parse(nowhere).value(),
                                                 .kind = net::RouteKind::kUnreachable}));
  }
  RETURN_IF_ERROR(net::write_sysctl("ipv4/ip_forward", "1"));
  return net::write_sysctl("ipv6/conf/all/forwarding", "1");
}

Status Harness::load_programs() {
  const IpAddress local[] = {ip("10.89.0.2"), ip("fd00:10:89::2")};
  const IpAddress others[] = {ip("10.89.0.3"), ip("fd00:10:89::3")};
  const Cidr pods[] = {Cidr(ip("10.244.0.0"), 16), Cidr(ip("fd00:10:244::"), 56),
                       Cidr(ip("10.96.0.10"), 32), Cidr(ip("fd00:10:96::a"), 128)};
  const Cidr services[] = {Cidr(ip("10.96.0.0"), 16), Cidr(ip("fd00:10:96::"), 112)};
  RETURN_IF_ERROR(datapath_->set_nodes(local, others));
  RETURN_IF_ERROR(datapath_->set_ranges(pods, services));
  RETURN_IF_ERROR(datapath_->attach_device(device_ifindex_, {.v4 = local[0], .v6 = local[1]}));
  RETURN_IF_ERROR(datapath_->attach_pod({.ifindex = pod_ifindex_,
                                         .addresses = {ip("10.244.0.5"), ip("fd00:10:244::5")},
                                         .mac = kPodMac,
                                         .gateway_mac = kPodGatewayMac,
                                         .identity = 5}));
  RETURN_IF_ERROR(datapath_->attach_pod({.ifindex = other_pod_ifindex_,
                                         .addresses = {ip("10.244.0.6"), ip("fd00:10:244::6")},
                                         .mac = kOtherPodMac,
                                         .gateway_mac = kOtherPodGatewayMac,
                                         .identity = 6}));
  const std::tuple<const char*, int, bool> hooks[] = {{"pod", pod_ifindex_, true},
                                                      {"pod", pod_ifindex_, false},
                                                      {"device", device_ifindex_, true},
                                                      {"device", device_ifindex_, false}};
  for (size_t i = 0; i < 4; ++i) {
    const auto& [what, ifindex, ingress] = hooks[i];
    ASSIGN_OR_RETURN(const int fd, program_of(what, ifindex, ingress), "program {}", i);
    programs_[i].reset(fd);
  }
  return {};
}

// The program at the hook, by its pinned link or its filter: what is tested is what is attached.
Result<int> Harness::program_of(const char* what, int ifindex, bool ingress) {
  uint32_t id = 0;
  if (datapath_->uses_tcx()) {
    const std::string pin =
        fmt::format("{}/links/{}-{}-{}", pin_dir_, what, ifindex, ingress ? "ingress" : "egress");
    const UniqueFd link(::bpf_obj_get(pin.c_str()));
    bpf_link_info info = {};
    uint32_t length = sizeof(info);
    if (!link || ::bpf_obj_get_info_by_fd(link.get(), &info, &length) < 0) {
      return errno_status(errno, pin);
    }
    id = info.prog_id;
  } else {
    DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                        .attach_point = ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS);
    DECLARE_LIBBPF_OPTS(bpf_tc_opts, filter, .handle = 0x5f1f, .priority = 1);
    if (const int failed = ::bpf_tc_query(&hook, &filter); failed < 0) {
      return errno_status(-failed, "query filter");
    }
    id = filter.prog_id;
  }
  const int program = ::bpf_prog_get_fd_by_id(id);
  if (program < 0) return errno_status(errno, "open program");
  return program;
}

Status Harness::reset() {
  RETURN_IF_ERROR(clear(*maps().flows));
  RETURN_IF_ERROR(clear(*maps().new_flows));
  RETURN_IF_ERROR(clear(*maps().aliases));
  RETURN_IF_ERROR(clear(*maps().new_aliases));
  RETURN_IF_ERROR(clear(*maps().affinity));
  RETURN_IF_ERROR(clear(*maps().fragments));
  RETURN_IF_ERROR(clear(*maps().source_ranges));
  RETURN_IF_ERROR(clear(*maps().frontends));
  RETURN_IF_ERROR(clear(*maps().policy_flows));
  RETURN_IF_ERROR(clear(*maps().new_policy_flows));
  ASSIGN_OR_RETURN(const auto reasons, datapath_->reasons());
  for (const auto& count : reasons) reasons_before_[count.label] = count.packets;
  return {};
}

Result<RunResult> Harness::run(Program program, const Frame& frame, bool from_node,
                               uint32_t repeat) {
  const bool at_pod = program == Program::kFromPod || program == Program::kToPod;
  __sk_buff context = {};
  context.ifindex = static_cast<uint32_t>(at_pod ? pod_ifindex_ : device_ifindex_);
  if (!from_node) context.ingress_ifindex = static_cast<uint32_t>(pod_ifindex_);
  RunResult result;
  result.frame.resize(4096);
  DECLARE_LIBBPF_OPTS(
      bpf_test_run_opts, options, .data_in = frame.data(), .data_out = result.frame.data(),
      .data_size_in = static_cast<uint32_t>(frame.size()),
      .data_size_out = static_cast<uint32_t>(result.frame.size()), .ctx_in = &context,
      .ctx_size_in = sizeof(context), .repeat = static_cast<int>(repeat));
  if (::bpf_prog_test_run_opts(programs_[static_cast<int>(program)].get(), &options) < 0) {
    return errno_status(errno, "run program");
  }
  result.frame.resize(options.data_size_out);
  result.action = static_cast<int>(options.retval);
  result.nanoseconds = options.duration;
  return result;
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

namespace {

std::vector<Backend> sorted(const std::vector<std::pair<std::string, uint16_t>>& list) {
  std::vector<Backend> backends;
  for (const auto& [address, port] : list) {
    backends.push_back({.address = to_abi(ip(address)), .port = datapath::port_be(port)});
  }
  std::ranges::sort(backends, [](const Backend& a, const Backend& b) {
    return std::pair(from_abi(a.address), datapath::port_of(a.port)) <
           std::pair(from_abi(b.address), datapath::port_of(b.port));
  });
  return backends;
}

datapath::FrontendKey key_of(const Harness::Service& service) {
  datapath::FrontendKey key = {.port = datapath::port_be(service.port),
                               .protocol = service.protocol,
                               .scope = service.scope};
  const bool v4 = service.backends.empty() || ip(service.backends[0].first).is_v4();
  key.address =
      service.address.empty() ? datapath::node_port_address(v4) : to_abi(ip(service.address));
  return key;
}

}  // namespace

Status Harness::put_backends(const Service& service) {
  uint32_t slot = service.base;
  for (const Backend& backend : sorted(service.backends)) {
    RETURN_IF_ERROR(maps().backends->put(slot++, backend));
  }
  for (Backend& backend : sorted(service.draining)) {
    if (service.draining_unready) backend.flags = SKIFF_BACKEND_UNREADY;
    RETURN_IF_ERROR(maps().backends->put(slot++, backend));
  }
  return {};
}

Status Harness::add_service(const Service& service) {
  RETURN_IF_ERROR(put_backends(service));
  for (const std::string& text : service.source_ranges) {
    const datapath::RangeKey range = to_abi(Cidr::parse(text).value());
    RETURN_IF_ERROR(maps().source_ranges->put(
        {.prefix_bits = 32 + range.prefix_bits, .service_id = service.id, .address = range.address},
        1));
  }
  return maps().frontends->put(key_of(service),
                               {.service_id = service.id,
                                .base = service.base,
                                .count = static_cast<uint32_t>(service.backends.size()),
                                .generation = service.generation,
                                .affinity_seconds = service.affinity_seconds,
                                .flags = service.flags,
                                .draining = static_cast<uint32_t>(service.draining.size()),
                                .maglev_base = service.maglev_base,
                                .maglev_size = service.maglev_size,
                                .pad = 0});
}

Status Harness::set_device_addresses(bool present) {
  datapath::Device device = {};
  if (present) device = {to_abi(ip("10.89.0.2")), to_abi(ip("fd00:10:89::2"))};
  return maps().devices->put(static_cast<uint32_t>(device_ifindex_), device);
}

}  // namespace skiff::testing
