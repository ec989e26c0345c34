// SPDX-License-Identifier: Apache-2.0
// The controller's command line.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/port_range.h"
#include "base/result.h"
#include "controller/auth/cluster_pki.h"

namespace skiff::controller {

struct Listen {
  IpAddress address;
  uint16_t port = 6443;
};

struct Config {
  std::filesystem::path data_dir = "/var/lib/skiff/controller";
  std::vector<Listen> listen;
  std::vector<IpAddress> advertise;  // where nodes and pods reach the API, one a family
  std::vector<Cidr> service_ranges;  // the first is of the default family
  std::vector<Cidr> cluster_ranges;  // of pod addresses
  PortRange node_ports = kNodePorts;
  std::chrono::seconds node_monitor_grace_period{50};
  std::filesystem::path admin_kubeconfig;  // empty: none is written
  std::filesystem::path node_kubeconfig_dir;
  std::vector<auth::NodeIdentity> nodes;
  std::string log_level = "info";
};

// INVALID_ARGUMENT names the flag and what would be right. `help` is set instead when only help was
// asked for.
Result<Config> parse_command_line(int argc, char** argv, std::string& help);

}  // namespace skiff::controller
