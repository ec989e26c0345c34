// SPDX-License-Identifier: Apache-2.0
// The agent's command line.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "agent/proxy/node_plan.h"
#include "base/ip.h"
#include "base/port_range.h"
#include "base/result.h"

namespace skiff::agent {

enum class Role { kKubelet, kProxy, kNetwork, kPolicy, kDns, kTrace };

struct Config {
  std::string node_name;
  std::filesystem::path kubeconfig;  // empty: the pod's own service account
  std::string api_server;            // instead of the environment's, with the service account
  std::vector<IpAddress> node_ips;   // first: the one others use
  std::chrono::seconds node_lease_duration{40};
  std::string container_runtime;  // socket path
  std::filesystem::path data_dir = "/var/lib/skiff/agent";
  std::filesystem::path run_dir = "/run/skiff";
  std::filesystem::path cni_conf_dir = "/etc/cni/net.d";
  std::string cgroup_root = "/";
  std::filesystem::path bpf_dir = "/sys/fs/bpf/skiff";
  std::vector<IpAddress> cluster_dns;
  std::string cluster_domain = "cluster.local";
  std::vector<Cidr> service_ranges;
  std::vector<Cidr> cluster_ranges;
  std::vector<Cidr> non_masquerade_ranges;  // pods reach them with their own address, too
  PortRange node_ports = kNodePorts;
  proxy::NodePortAddresses node_port_addresses;
  PortRange snat_ports = kSnatPorts;
  std::set<std::string> socket_lb_handlers = {"runc", "crun"};  // besides the runtime's default
  bool policy_rejects = false;   // what a policy denies is answered, not dropped
  bool node_port_xdp = false;    // the uplink's driver forwards NodePort connections
  bool direct_answers = false;   // clients outside are answered by their backend's node
  std::string uplink;            // empty: the device of the default route
  std::string overlay = "auto";  // auto, always, never
  bool image_pull_fallback = false;
  bool hubble = false;
  std::vector<std::string> metrics_labels;  // as agent/trace/metric_labels.h reads them
  std::filesystem::path hubble_tls_dir;     // tls.crt, tls.key, ca.crt; without role kubelet
  std::set<Role> roles;
  // The node's own API; PEM files. Empty: NODE-serving.crt, NODE-serving.key and ca.crt beside the
  // kubeconfig.
  std::filesystem::path tls_cert_file;
  std::filesystem::path tls_private_key_file;
  std::filesystem::path client_ca_file;
  uint16_t port = 10250;
  uint16_t server_port = 10350;  // of the same API without role kubelet; 0: none
  // kube-proxy's addresses; empty: not served.
  std::string healthz_bind_address = "0.0.0.0:10256";
  std::string metrics_bind_address = "127.0.0.1:10249";
  bool take_over = false;  // kube-proxy's rules go once ours are in place
  std::string log_level = "info";

  bool has(Role role) const { return roles.contains(role); }
};

// INVALID_ARGUMENT names the flag and what would be right. `help` is set instead when only help was
// asked for.
Result<Config> parse_command_line(int argc, char** argv, std::string& help);

}  // namespace skiff::agent
