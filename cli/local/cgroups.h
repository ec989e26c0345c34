// SPDX-License-Identifier: Apache-2.0
// Control groups of a cluster, the same path in every hierarchy: v2 alone, or the v1 hierarchies
// and the unified one of a hybrid machine.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

struct CgroupHierarchy {
  std::string mount;
  bool v2 = false;
};

// Those mounted on this machine; an error if there is none.
Result<std::vector<CgroupHierarchy>> cgroup_hierarchies();

// Creates `path` and its parents in every hierarchy, usable for processes at once: v1 cpusets
// inherit their parent's CPUs, v2 parents hand their controllers down.
Status create_cgroup(const std::string& path);
// Moves the calling process into `path` in every hierarchy.
Status join_cgroup(const std::string& path);
// The processes in `path` and below it, in any hierarchy.
std::vector<pid_t> cgroup_processes(const std::string& path);
// Kills every process in `path` and below, again and again until none is left.
Status kill_cgroup(const std::string& path, std::chrono::milliseconds patience);
// Removes `path` and everything below. Succeeds if there is none.
Status remove_cgroup(const std::string& path, std::chrono::milliseconds patience);

}  // namespace skiff::cli
