// SPDX-License-Identifier: Apache-2.0
// `skiff up`, `down`, `status`, `node exec`, `load`: a whole cluster on one machine, its nodes
// network namespaces with a containerd and an agent each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

struct UpOptions {
  std::string name = "local";
  int nodes = 2;
  int segments = 1;
  bool ipv6 = false;
  std::vector<std::string> agent_flags, controller_flags, runtimes;  // as in ClusterSpec
  std::filesystem::path images;                                      // a directory of OCI archives
  Programs programs;
};

// Starts a cluster and waits until it can be used. A running one is left alone, with a word about
// it; what a killed run left is cleared first; what a failed run made is removed again.
Status up(const UpOptions& options);

// Removes every trace of a cluster, running or not, and checks that none is left.
Status down(const std::string& name);

Status print_status(const std::string& name);

// Becomes `command` as a process of the node. Returns only on failure.
Status node_exec(const std::string& cluster, const std::string& node,
                 const std::vector<std::string>& command);

// Imports an OCI or docker archive into every node.
Status load(const std::string& cluster, const std::filesystem::path& archive);

// Is its supervisor alive?
bool is_running(const Layout& layout);

}  // namespace skiff::cli
