// SPDX-License-Identifier: Apache-2.0
// The part of the agent's command line that says how Services, NodePorts and policies behave.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "agent/config.h"

namespace skiff::agent {

class ServiceFlags {
 public:
  // Both must outlive the parsing of `app`.
  void add_to(CLI::App& app);
  // INVALID_ARGUMENT names the flag and what would be right.
  Status read_into(Config& config) const;

 private:
  void add_acceleration(CLI::App& app);
  static Status check_ways(const Config& config);

  std::vector<std::string> non_masquerade_cidrs_;
  std::string node_port_range_ = kNodePorts.to_string();
  std::vector<std::string> node_port_addresses_ = {"primary"};
  std::string snat_port_range_ = kSnatPorts.to_string();
  std::string policy_deny_response_ = "drop";
  std::string load_balancer_mode_ = "snat";
  std::string node_port_acceleration_ = "off";
  std::vector<std::string> socket_lb_handlers_ = {"runc", "crun"};
};

}  // namespace skiff::agent
