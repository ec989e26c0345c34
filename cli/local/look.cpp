// SPDX-License-Identifier: Apache-2.0
// Commands that look at a running cluster or reach into it.
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "cli/api.h"
#include "cli/local/cgroups.h"
#include "cli/local/cluster.h"
#include "cli/local/command.h"
#include "cli/local/images.h"
#include "cli/local/log_tail.h"
#include "cli/local/node_namespaces.h"
#include "cli/local/spec_file.h"

namespace skiff::cli {
namespace {

Result<Layout> running_cluster(const std::string& name) {
  ASSIGN_OR_RETURN(ClusterSpec spec, load_spec(name));
  return make_layout(spec);
}

// Resident memory in MiB; 0 if there is no such process, or it has ended and nobody has noticed.
double memory_of(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

// 0 if it does not run.
pid_t pid_of(const Layout& layout, const std::string& daemon) {
  auto text = read_file(pid_file(layout, daemon));
  const pid_t pid = text.ok() ? std::atoi(text->c_str()) : 0;
  return pid > 0 && memory_of(pid) > 0 ? pid : 0;
}

void print_daemons(const Layout& layout) {
  fmt::print("\n{:<20} {:>8} {:>10}  {}\n", "DAEMON", "PID", "MEMORY", "LAST END");
  for (const Daemon& daemon : daemons(layout, {})) {
    const pid_t pid = pid_of(layout, daemon.name);
    auto ended = read_file(exit_file(layout, daemon.name));
    std::string why = ended.ok() ? *ended : "-\n";
    why.pop_back();
    if (pid == 0) {
      fmt::print("{:<20} {:>8} {:>10}  {}\n", daemon.name, "-", "-", why);
      for (const std::string& line : last_lines(log_file(layout, daemon.name), 1))
        fmt::print("    it said last: {}\n", line);
    } else {
      fmt::print("{:<20} {:>8} {:>6.1f} MiB  {}\n", daemon.name, pid, memory_of(pid), why);
    }
  }
}

Status print_nodes(const Layout& layout) {
  ASSIGN_OR_RETURN(auto api, Api::connect(layout.admin_kubeconfig));
  ASSIGN_OR_RETURN(auto nodes, api->list<api::Node>());
  fmt::print("\n{:<20} {:<9} {}\n", "NODE", "READY", "ADDRESSES");
  for (const api::Node& node : nodes) {
    std::string addresses;
    for (const auto& address : node.status.addresses) {
      if (address.type == "InternalIP") addresses += address.address + " ";
    }
    fmt::print("{:<20} {:<9} {}\n", node.metadata.name, is_ready(node) ? "yes" : "no", addresses);
  }
  return absl::OkStatus();
}

}  // namespace

Status print_status(const std::string& name) {
  ASSIGN_OR_RETURN(Layout layout, running_cluster(name));
  fmt::print("Cluster {}: {} nodes on {}, API on 127.0.0.1:{}, {}\n", name, layout.nodes.size(),
             layout.segments.front().bridge, layout.spec.api_port,
             is_running(layout) ? "running" : "stopped: `skiff down` clears it");
  fmt::print("kubeconfig {}\nlogs       {}\n", layout.admin_kubeconfig, layout.logs);
  print_daemons(layout);
  return print_nodes(layout);
}

Status node_exec(const std::string& cluster, const std::string& node,
                 const std::vector<std::string>& command) {
  ASSIGN_OR_RETURN(Layout layout, running_cluster(cluster));
  for (const NodeLayout& candidate : layout.nodes) {
    if (candidate.name != node) continue;
    const pid_t pid = pid_of(layout, node + "-containerd");
    if (pid == 0) return failed_precondition("{} does not run", node);
    ASSIGN_OR_RETURN(auto namespaces, NodeNamespaces::of_process(pid));
    RETURN_IF_ERROR(join_cgroup(candidate.cgroup + "/system"));
    RETURN_IF_ERROR(namespaces.enter());
    ::execvp(command[0].c_str(), c_arguments(command).data());
    return errno_status(errno, fmt::format("execute {}", command[0]));
  }
  return not_found("cluster {} has no node {}", cluster, node);
}

Status load(const std::string& cluster, const std::filesystem::path& archive) {
  ASSIGN_OR_RETURN(Layout layout, running_cluster(cluster));
  for (const NodeLayout& node : layout.nodes) {
    RETURN_IF_ERROR(load_image(archive, node), "load {} into {}", archive.string(), node.name);
  }
  return absl::OkStatus();
}

}  // namespace skiff::cli
