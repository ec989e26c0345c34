// SPDX-License-Identifier: Apache-2.0
#include "cli/local/cgroups.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/unique_fd.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr auto kRetryInterval = std::chrono::milliseconds(5);

// Control files take a value in one write() and answer with errno.
Status write_control(const std::string& file, const std::string& value) {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_status(errno, fmt::format("open {}", file));
  if (::write(fd.get(), value.data(), value.size()) < 0) {
    return errno_status(errno, fmt::format("write {}", file));
  }
  return absl::OkStatus();
}

std::string read_control(const std::string& file) {
  std::ifstream in(file);
  std::string value;
  std::getline(in, value);
  return value;
}

// v1: a cpuset without CPUs takes no process.
Status inherit_cpuset(const fs::path& group) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    if (!fs::exists(group / file) || !read_control(group / file).empty()) continue;
    RETURN_IF_ERROR(write_control(group / file, read_control(group.parent_path() / file)));
  }
  return absl::OkStatus();
}

// v2: what a parent does not hand down, no pod below can limit. A controller that cannot be
// (threaded, realtime processes) is left out.
void hand_down_controllers(const fs::path& group) {
  std::istringstream controllers(read_control(group / "cgroup.controllers"));
  for (std::string controller; controllers >> controller;) {
    (void)write_control(group / "cgroup.subtree_control", "+" + controller);
  }
}

Status create_in(const CgroupHierarchy& hierarchy, const std::string& path) {
  fs::path group = hierarchy.mount;
  for (const fs::path& part : fs::path(path).relative_path()) {
    if (hierarchy.v2) hand_down_controllers(group);
    group /= part;
    if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST) {
      return errno_status(errno, fmt::format("mkdir {}", group.string()));
    }
    if (!hierarchy.v2) RETURN_IF_ERROR(inherit_cpuset(group));
  }
  return absl::OkStatus();
}

std::vector<fs::path> groups_below(const std::string& mount, const std::string& path) {
  std::vector<fs::path> groups;
  std::error_code error;
  const fs::path top = mount + path;
  if (!fs::is_directory(top, error)) return groups;
  groups.push_back(top);
  for (auto it = fs::recursive_directory_iterator(top, error); it != fs::end(it);
       it.increment(error)) {
    if (it->is_directory(error)) groups.push_back(it->path());
  }
  return groups;
}

}  // namespace

Result<std::vector<CgroupHierarchy>> cgroup_hierarchies() {
  std::vector<CgroupHierarchy> found;
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string device, mount, type;
    fields >> device >> mount >> type;
    if (type == "cgroup" || type == "cgroup2") found.push_back({mount, type == "cgroup2"});
  }
  if (found.empty()) return failed_precondition("no cgroup file system is mounted");
  return found;
}

Status create_cgroup(const std::string& path) {
  ASSIGN_OR_RETURN(auto hierarchies, cgroup_hierarchies());
  for (const CgroupHierarchy& hierarchy : hierarchies) {
    RETURN_IF_ERROR(create_in(hierarchy, path), "create cgroup {}", path);
  }
  return absl::OkStatus();
}

Status join_cgroup(const std::string& path) {
  ASSIGN_OR_RETURN(auto hierarchies, cgroup_hierarchies());
  for (const CgroupHierarchy& hierarchy : hierarchies) {
    RETURN_IF_ERROR(write_control(hierarchy.mount + path + "/cgroup.procs", "0"), "join cgroup {}",
                    path);
  }
  return absl::OkStatus();
}

std::vector<pid_t> cgroup_processes(const std::string& path) {
  std::vector<pid_t> pids;
  auto hierarchies = cgroup_hierarchies();
  if (!hierarchies.ok()) return pids;
  for (const CgroupHierarchy& hierarchy : *hierarchies) {
    for (const fs::path& group : groups_below(hierarchy.mount, path)) {
      std::ifstream procs(group / "cgroup.procs");
      for (pid_t pid = 0; procs >> pid;) pids.push_back(pid);
    }
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

Status kill_cgroup(const std::string& path, std::chrono::milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const std::vector<pid_t> pids = cgroup_processes(path);
    if (pids.empty()) return absl::OkStatus();
    if (steady_clock::now() > deadline) {
      return deadline_exceeded("{} processes of {} do not end, first {}", pids.size(), path,
                               pids.front());
    }
    for (pid_t pid : pids) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(kRetryInterval);
  }
}

Status remove_cgroup(const std::string& path, std::chrono::milliseconds patience) {
  ASSIGN_OR_RETURN(auto hierarchies, cgroup_hierarchies());
  const auto deadline = steady_clock::now() + patience;
  for (const CgroupHierarchy& hierarchy : hierarchies) {
    for (;;) {
      std::vector<fs::path> groups = groups_below(hierarchy.mount, path);
      if (groups.empty()) break;
      std::string busy;
      for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
        if (::rmdir(group->c_str()) != 0 && errno != ENOENT) busy = group->string();
      }
      if (busy.empty()) break;
      if (steady_clock::now() > deadline) return deadline_exceeded("cgroup {} stays busy", busy);
      std::this_thread::sleep_for(kRetryInterval);
    }
  }
  return absl::OkStatus();
}

}  // namespace skiff::cli
