// SPDX-License-Identifier: Apache-2.0
#include "cli/local/layout.h"

#include <algorithm>

#include "base/check.h"

namespace skiff::cli {
namespace {

constexpr size_t kMaxNameLength = 20;
constexpr int kMaxNodes = 50;
constexpr int kMaxIndex = 255;
constexpr int kMaxSegments = 4;
constexpr int kSegmentSize = 64;  // addresses of each, where there are several

// What agents and controllers of the machine itself keep beside the clusters' directories: below
// /var/lib/skiff, below /run/skiff, and below /sys/fs/bpf/skiff.
constexpr std::string_view kReserved[] = {"agent",          "controller", "kubelet", "seccomp",
                                          "cni-tombstones", "maps",       "links",   "next"};

// Device names have 15 characters: a long cluster name is cut and told apart by a number.
std::string short_id(const std::string& name) {
  constexpr size_t kKeep = 6;
  if (name.size() <= kKeep) return name;
  uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return fmt::format("{}{:04x}", name.substr(0, 2), hash & 0xffff);
}

Cidr cidr(const std::string& text) {
  auto parsed = Cidr::parse(text);
  CHECK(parsed.ok());
  return *parsed;
}

template <class T>
std::string join(const std::vector<T>& values, char separator = ',') {
  std::string out;
  for (const T& value : values) {
    if (!out.empty()) out += separator;
    out += value.to_string();
  }
  return out;
}

// All of the cluster's range, or a part of it.
std::vector<Cidr> segment_ranges(const ClusterSpec& spec, int number) {
  const bool alone = spec.segments == 1;
  std::vector<Cidr> ranges = {
      cidr(fmt::format("10.89.{}.{}/{}", spec.index, number * kSegmentSize, alone ? 24 : 26))};
  if (spec.ipv6)
    ranges.push_back(
        cidr(fmt::format("fd00:10:89:{:x}:{:x}::/{}", spec.index, number, alone ? 64 : 80)));
  return ranges;
}

Segment make_segment(const Layout& cluster, int number) {
  const std::string id = short_id(cluster.spec.name);
  // No name has a '_': with a '-' this would be the bridge of a cluster named ID-NUMBER.
  Segment segment{.bridge = number == 0 ? "skiff-" + id : fmt::format("skiff-{}_{}", id, number),
                  .bridge_ips = {},
                  .ranges = segment_ranges(cluster.spec, number),
                  .router_veth = fmt::format("sk-{}-r{}", id, number),
                  .router_ips = {}};
  for (const Cidr& range : segment.ranges) {
    segment.bridge_ips.push_back(range.base().plus(1));
    segment.router_ips.push_back(range.base().plus(kSegmentSize - 2));
  }
  return segment;
}

NodeLayout make_node(const Layout& cluster, int number) {
  const std::string name = fmt::format("node-{}", number);
  NodeLayout node{.name = name,
                  .netns = fmt::format("skiff-{}-{}", cluster.spec.name, name),
                  .veth = fmt::format("sk-{}-{}", short_id(cluster.spec.name), number),
                  .segment = static_cast<size_t>(number - 1) % cluster.segments.size(),
                  .ips = {},
                  .data = cluster.data + "/" + name,
                  .run = cluster.run + "/" + name,
                  .cgroup = cluster.cgroup + "/" + name,
                  .bpf = cluster.bpf + "/" + name,
                  .kubeconfig = fmt::format("{}/{}.kubeconfig", cluster.kubeconfigs, name),
                  .containerd_socket = cluster.run + "/" + name + "/containerd/containerd.sock"};
  for (const Cidr& range : cluster.segments[node.segment].ranges) {
    node.ips.push_back(range.base().plus(static_cast<uint64_t>(number) + 1));
  }
  return node;
}

// NAME=ADDRESS+ADDRESS of every node: whom the controller makes certificates for.
std::string identities(const Layout& layout) {
  std::string all;
  for (const NodeLayout& node : layout.nodes) {
    all += (all.empty() ? "" : ",") + node.name + "=" + join(node.ips, '+');
  }
  return all;
}

void append(const std::vector<std::string>& flags, Daemon& daemon) {
  daemon.argv.insert(daemon.argv.end(), flags.begin(), flags.end());
}

Daemon controller(const Layout& layout, const Programs& programs) {
  const std::string bridge_ip = layout.segments.front().bridge_ips.front().to_string();
  const uint16_t port = layout.spec.api_port;
  return {
      .name = "controller",
      .argv = {programs.controller, "--data-dir=" + layout.data + "/controller",
               fmt::format("--listen=127.0.0.1:{0},{1}:{0}", port, bridge_ip),
               "--advertise-address=" + bridge_ip, "--service-cidrs=" + join(layout.service_ranges),
               "--cluster-cidrs=" + join(layout.cluster_ranges),
               "--admin-kubeconfig=" + layout.admin_kubeconfig,
               "--node-kubeconfig-dir=" + layout.kubeconfigs, "--nodes=" + identities(layout)},
      .node = std::nullopt,
      .cgroup = layout.cgroup + "/controller",
      .wait_for = {}};
}

Daemon containerd(const Layout& layout, const Programs& programs, size_t index) {
  const NodeLayout& node = layout.nodes[index];
  return {.name = node.name + "-containerd",
          .argv = {programs.containerd, "--config", node.data + "/containerd.toml"},
          .node = index,
          .cgroup = node.cgroup + "/system",
          .wait_for = {}};
}

Daemon agent(const Layout& layout, const Programs& programs, size_t index) {
  const NodeLayout& node = layout.nodes[index];
  const std::string serving = layout.kubeconfigs + "/" + node.name + "-serving";
  return {.name = node.name + "-agent",
          .argv = {programs.agent,
                   "--node-name=" + node.name,
                   "--node-ip=" + join(node.ips),
                   "--kubeconfig=" + node.kubeconfig,
                   "--container-runtime=unix://" + node.containerd_socket,
                   "--data-dir=" + node.data + "/agent",
                   "--run-dir=" + node.run,
                   "--cni-conf-dir=" + node.run + "/cni",
                   "--cgroup-root=" + node.cgroup,
                   "--bpf-dir=" + node.bpf,
                   "--uplink=eth0",
                   "--cluster-dns=" + join(layout.dns),
                   "--cluster-domain=cluster.local",
                   "--service-cidrs=" + join(layout.service_ranges),
                   "--cluster-cidrs=" + join(layout.cluster_ranges),
                   "--tls-cert-file=" + serving + ".crt",
                   "--tls-private-key-file=" + serving + ".key",
                   "--client-ca-file=" + layout.kubeconfigs + "/ca.crt",
                   "--image-pull-fallback",
                   "--roles=kubelet,proxy,network,policy,dns,trace"},
          .node = index,
          .cgroup = node.cgroup + "/system",
          .wait_for = {node.kubeconfig, node.containerd_socket}};
}

}  // namespace

Status validate(const ClusterSpec& spec) {
  const bool plain = std::all_of(spec.name.begin(), spec.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!plain || spec.name.empty() || spec.name.size() > kMaxNameLength ||
      spec.name.front() == '-') {
    return invalid_argument("--name {}: want 1 to {} of a-z, 0-9 and '-'", spec.name,
                            kMaxNameLength);
  }
  if (std::find(std::begin(kReserved), std::end(kReserved), spec.name) != std::end(kReserved)) {
    return invalid_argument(
        "--name {}: the machine's own agent keeps files under it, choose another", spec.name);
  }
  if (spec.nodes < 1 || spec.nodes > kMaxNodes) {
    return invalid_argument("--nodes {}: want 1 to {}", spec.nodes, kMaxNodes);
  }
  if (spec.segments < 1 || spec.segments > kMaxSegments) {
    return invalid_argument("--segments {}: want 1 to {}", spec.segments, kMaxSegments);
  }
  if (spec.index < 0 || spec.index > kMaxIndex) {
    return resource_exhausted("no free range in 10.89.0.0/16");
  }
  return absl::OkStatus();
}

Layout make_layout(const ClusterSpec& spec) {
  Layout layout{.spec = spec,
                .data = fmt::format("{}/{}", kDataRoot, spec.name),
                .run = fmt::format("{}/{}", kRunRoot, spec.name),
                .logs = fmt::format("{}/{}/logs", kDataRoot, spec.name),
                .cgroup = "/skiff/" + spec.name,
                .bpf = fmt::format("{}/skiff/{}", kBpfRoot, spec.name),
                .node_ranges = {cidr(fmt::format("10.89.{}.0/24", spec.index))},
                .segments = {},
                .router_netns = fmt::format("skiff-{}-router", spec.name),
                .cluster_ranges = {cidr("10.244.0.0/16")},
                .service_ranges = {cidr("10.96.0.0/16")},
                .dns = {},
                .admin_kubeconfig = fmt::format("{}/{}/admin.kubeconfig", kDataRoot, spec.name),
                .kubeconfigs = fmt::format("{}/{}/kubeconfigs", kDataRoot, spec.name),
                .spec_file = fmt::format("{}/{}/{}", kDataRoot, spec.name, kSpecFile),
                .nodes = {}};
  if (spec.ipv6) {
    layout.node_ranges.push_back(cidr(fmt::format("fd00:10:89:{:x}::/64", spec.index)));
    layout.cluster_ranges.push_back(cidr("fd00:10:244::/56"));
    layout.service_ranges.push_back(cidr("fd00:10:96::/112"));
  }
  for (int number = 0; number < spec.segments; ++number)
    layout.segments.push_back(make_segment(layout, number));
  for (const Cidr& range : layout.service_ranges) layout.dns.push_back(range.base().plus(10));
  for (int number = 1; number <= spec.nodes; ++number) {
    layout.nodes.push_back(make_node(layout, number));
  }
  return layout;
}

bool Layout::owns_netns(const std::string& netns) const {
  return netns == router_netns ||
         std::any_of(nodes.begin(), nodes.end(),
                     [&](const NodeLayout& node) { return node.netns == netns; });
}

std::vector<Daemon> daemons(const Layout& layout, const Programs& programs) {
  std::vector<Daemon> all = {controller(layout, programs)};
  append(layout.spec.controller_flags, all.back());
  for (size_t i = 0; i < layout.nodes.size(); ++i) {
    all.push_back(containerd(layout, programs, i));
    all.push_back(agent(layout, programs, i));
    append(layout.spec.agent_flags, all.back());
  }
  return all;
}

std::string log_file(const Layout& layout, const std::string& daemon) {
  return fmt::format("{}/{}.log", layout.logs, daemon);
}

std::string pid_file(const Layout& layout, const std::string& daemon) {
  return fmt::format("{}/{}.pid", layout.run, daemon);
}

std::string exit_file(const Layout& layout, const std::string& daemon) {
  return fmt::format("{}/{}.exit", layout.run, daemon);
}

}  // namespace skiff::cli
