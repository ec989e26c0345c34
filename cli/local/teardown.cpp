// SPDX-License-Identifier: Apache-2.0
#include "cli/local/teardown.h"

#include <net/if.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "agent/net/netns.h"
#include "cli/local/cgroups.h"
#include "cli/local/cluster.h"
#include "cli/local/machine.h"
#include "cli/local/network.h"
#include "cli/local/proof.h"
#include "cli/local/spec_file.h"
#include "cli/steps.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::seconds(20);
constexpr int kMostNodes = 50;
constexpr int kMostSegments = 4;

// All a cluster of this name can have: its own facts may be lost.
Layout largest_layout(const std::string& name) {
  return make_layout({.name = name, .nodes = kMostNodes, .segments = kMostSegments, .ipv6 = true});
}

std::vector<std::string> mounts_below(const std::string& directory) {
  std::vector<std::string> found;
  std::ifstream mounts("/proc/self/mounts");
  for (std::string device, mount, rest; mounts >> device >> mount && std::getline(mounts, rest);) {
    if (mount == directory || mount.starts_with(directory + "/")) found.push_back(mount);
  }
  return found;
}

void unmount_below(const std::string& directory) {
  const std::vector<std::string> mounts = mounts_below(directory);
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    (void)::umount2(mount->c_str(), MNT_DETACH);
  }
}

Status remove_directory(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return internal_error("remove {}: {}", directory, error.message());
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> traces(const std::string& name) {
  const Layout layout = largest_layout(name);
  std::vector<std::string> found;
  for (pid_t pid : cgroup_processes(layout.cgroup)) found.push_back(fmt::format("process {}", pid));
  for (const std::string& netns : net::Netns::list_named()) {
    if (layout.owns_netns(netns)) found.push_back("network namespace " + netns);
  }
  for (const Segment& segment : layout.segments) {
    for (const std::string& link : {segment.bridge, segment.router_veth})
      if (::if_nametoindex(link.c_str()) != 0) found.push_back("link " + link);
  }
  for (const NodeLayout& node : layout.nodes) {
    if (::if_nametoindex(node.veth.c_str()) != 0) found.push_back("link " + node.veth);
  }
  std::error_code error;
  for (const std::string& directory : {layout.data, layout.run, layout.bpf}) {
    for (const std::string& mount : mounts_below(directory)) found.push_back("mount " + mount);
    if (fs::exists(directory, error)) found.push_back("directory " + directory);
  }
  if (auto hierarchies = cgroup_hierarchies(); hierarchies.ok()) {
    for (const CgroupHierarchy& hierarchy : *hierarchies) {
      const std::string group = hierarchy.mount + layout.cgroup;
      if (fs::exists(group, error)) found.push_back("control group " + group);
    }
  }
  return found;
}

bool has_traces(const std::string& name) {
  return !traces(name).empty();
}

Status tear_down(const std::string& name) {
  const Layout layout = largest_layout(name);
  // The supervisor first: it would start again what is killed.
  RETURN_IF_ERROR(kill_cgroup(layout.cgroup + "/supervisor", kPatience));
  RETURN_IF_ERROR(kill_cgroup(layout.cgroup, kPatience));
  RETURN_IF_ERROR(remove_network(layout), "remove network");
  for (const std::string& directory : {layout.data, layout.run}) {
    unmount_below(directory);
    RETURN_IF_ERROR(remove_directory(directory));
  }
  RETURN_IF_ERROR(remove_directory(layout.bpf));
  RETURN_IF_ERROR(remove_cgroup(layout.cgroup, kPatience));
  RETURN_IF_ERROR(release_machine());
  std::string left;
  for (const std::string& trace : traces(name)) left += "\n  " + trace;
  if (cluster_names().empty()) {
    ASSIGN_OR_RETURN(const auto routes, skiff_routes());
    for (const std::string& route : routes) left += "\n  " + route;
  }
  if (!left.empty()) return internal_error("left behind:{}", left);
  return absl::OkStatus();
}

Status down(const std::string& name) {
  RETURN_IF_ERROR(validate({.name = name}));
  RETURN_IF_ERROR(check_root());
  ASSIGN_OR_RETURN(UniqueFd lock, lock_machine());
  if (!has_traces(name)) {
    fmt::print("There is no cluster {} on this machine.\n", name);
    return release_machine();
  }
  const std::vector<std::string> changed = changed_sysctls();
  Steps steps;
  const Status removed = steps.run(fmt::format("Remove cluster {}, nothing left behind", name),
                                   [&] { return tear_down(name); });
  if (cluster_names().empty()) {
    for (const std::string& setting : changed) fmt::print(" ! {}\n", setting);
  }
  return removed;
}

bool is_running(const Layout& layout) {
  return !cgroup_processes(layout.cgroup + "/supervisor").empty();
}

}  // namespace skiff::cli
