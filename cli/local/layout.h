// SPDX-License-Identifier: Apache-2.0
// Where everything of a local cluster lies, and how its daemons are started: pure functions of the
// few facts that `skiff up` decides.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::cli {

// What `skiff up` decides once; kept in cluster.json.
struct ClusterSpec {
  std::string name = "local";
  int index = 0;  // which /24 of 10.89.0.0/16: clusters live side by side
  int nodes = 2;
  int segments = 1;  // nodes take turns on them; a router joins them
  bool ipv6 = false;
  uint16_t api_port = 6443;  // on loopback and on the bridge
  // Beyond what skiff gives them.
  std::vector<std::string> agent_flags = {};
  std::vector<std::string> controller_flags = {};
  // Handlers of the container runtime besides runc: NAME=BINARY (one that works like runc), or
  // NAME=io.containerd.… (a shim).
  std::vector<std::string> runtimes = {};

  bool operator==(const ClusterSpec&) const = default;
};

// Names become parts of device, namespace and directory names. Those of directories that an agent
// or a controller of the machine itself has beside the clusters' are refused: `down` removes them.
Status validate(const ClusterSpec& spec);

struct NodeLayout {
  std::string name;            // node-1
  std::string netns;           // below /run/netns
  std::string veth;            // the host's end; inside the node it is eth0
  size_t segment = 0;          // index into Layout::segments
  std::vector<IpAddress> ips;  // IPv4 first
  std::string data;            // outlives the agent, not the cluster
  std::string run;             // sockets
  std::string cgroup;          // below the root of each hierarchy
  std::string bpf;             // pins
  std::string kubeconfig;
  std::string containerd_socket;
};

// A bridge and the nodes on it, as a network of their own.
struct Segment {
  std::string bridge;
  std::vector<IpAddress> bridge_ips;  // IPv4 first, as everywhere
  std::vector<Cidr> ranges;
  std::string router_veth;  // the host's end of the router's leg
  std::vector<IpAddress> router_ips;
};

struct Layout {
  ClusterSpec spec;
  std::string data;
  std::string run;
  std::string logs;
  std::string cgroup;
  std::string bpf;
  std::vector<Cidr> node_ranges;  // of all segments
  std::vector<Segment> segments;
  std::string router_netns;          // only where there are several segments
  std::vector<Cidr> cluster_ranges;  // pods
  std::vector<Cidr> service_ranges;
  std::vector<IpAddress> dns;
  std::string admin_kubeconfig;
  std::string kubeconfigs;
  std::string spec_file;
  std::vector<NodeLayout> nodes;

  // Is it the namespace of a node, or of the router?
  bool owns_netns(const std::string& netns) const;
};

Layout make_layout(const ClusterSpec& spec);

// The programs a cluster is made of.
struct Programs {
  std::filesystem::path controller;
  std::filesystem::path agent;
  std::filesystem::path cni_directory;
  std::string containerd = "containerd";
};

// A process the supervisor keeps running.
struct Daemon {
  std::string name;  // also of its log and pid file
  std::vector<std::string> argv;
  std::optional<size_t> node;  // index into Layout::nodes; none: runs on the host
  std::string cgroup;
  std::vector<std::string> wait_for;  // files that must be there before it starts
};

std::vector<Daemon> daemons(const Layout& layout, const Programs& programs);
std::string log_file(const Layout& layout, const std::string& daemon);
std::string pid_file(const Layout& layout, const std::string& daemon);
// Written by the supervisor when a daemon ended unasked: why, in words.
std::string exit_file(const Layout& layout, const std::string& daemon);

// The containerd configuration of a node, or of a containerd that only imports images (no node).
std::string containerd_config(const std::string& data, const std::string& run,
                              const std::string& cni_bin, const std::string& cni_conf,
                              const std::vector<std::string>& runtimes = {});

inline constexpr const char* kDataRoot = "/var/lib/skiff";
inline constexpr const char* kSpecFile = "cluster.json";  // in a cluster's directory there
inline constexpr const char* kRunRoot = "/run/skiff";
inline constexpr const char* kBpfRoot = "/sys/fs/bpf";

}  // namespace skiff::cli
