// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include "agent/kubelet/resources.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kClasses[] = {"", "burstable", "besteffort"};

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_v2(const Options& options) {
  return is_there(options.cgroup_mount / "cgroup.controllers");
}

// Every hierarchy there is: one on v2, one a controller (and perhaps `unified`) on v1.
std::vector<fs::path> hierarchies(const Options& options) {
  if (is_v2(options)) return {options.cgroup_mount};
  std::vector<fs::path> list;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options.cgroup_mount, error))
    if (entry.is_directory(error) && !entry.is_symlink(error) &&
        is_there(entry.path() / "cgroup.procs"))
      list.push_back(entry.path());
  return list;
}

// Control files take one write and do not like O_CREAT or O_TRUNC.
Status write_control(const fs::path& path, const std::string& value) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_status(errno, path.string());
  if (::write(fd.get(), value.data(), value.size()) < 0)
    return errno_status(errno, fmt::format("write {} to {}", value, path.string()));
  return absl::OkStatus();
}

// On v2 a group's controllers must be switched on in each of its ancestors, the root too.
void enable_controllers(const fs::path& mount, const fs::path& below) {
  fs::path at = mount;
  const auto enable = [&] {
    for (const char* controller : {"+cpu", "+memory", "+pids", "+cpuset", "+io"})
      (void)write_control(at / "cgroup.subtree_control", controller);  // whichever the node has
  };
  enable();
  for (const auto& part : below.parent_path()) {
    at /= part;
    enable();
  }
}

std::string relative(const std::string& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

Status remove_group(const fs::path& path) {
  if (!is_there(path)) return absl::OkStatus();
  std::error_code error;
  // Only directories can be removed, children first; their files go with them.
  for (const auto& entry : fs::directory_iterator(path, error))
    if (entry.is_directory(error)) RETURN_IF_ERROR(remove_group(entry.path()));
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT)
    return errno_status(errno, "remove cgroup " + path.string());
  return absl::OkStatus();
}

}  // namespace

std::string pod_cgroup(const Options& options, const api::Pod& pod) {
  fs::path path = fs::path("/") / relative(options.cgroup_root) / "kubepods";
  switch (api::qos_class(pod)) {
    case api::QosClass::Guaranteed:
      break;
    case api::QosClass::Burstable:
      path /= "burstable";
      break;
    case api::QosClass::BestEffort:
      path /= "besteffort";
      break;
  }
  return path / ("pod" + pod.metadata.uid);
}

CgroupSettings cgroup_settings_v2(const runtime::LinuxResources& resources) {
  // Shares 2..262144 onto weights 1..10000, as the runtimes do.
  const int64_t weight = 1 + ((std::max<int64_t>(resources.cpu_shares, 2) - 2) * 9999) / 262142;
  CgroupSettings settings = {{"cpu.weight", std::to_string(weight)}};
  if (resources.cpu_quota_us > 0)
    settings.emplace_back("cpu.max",
                          fmt::format("{} {}", resources.cpu_quota_us, resources.cpu_period_us));
  if (resources.memory_limit_bytes > 0)
    settings.emplace_back("memory.max", std::to_string(resources.memory_limit_bytes));
  return settings;
}

CgroupSettings cgroup_settings_v1(const runtime::LinuxResources& resources,
                                  const std::string& controller) {
  CgroupSettings settings;
  if (controller == "cpu" || controller.starts_with("cpu,")) {
    settings.emplace_back("cpu.shares", std::to_string(resources.cpu_shares));
    if (resources.cpu_quota_us > 0) {
      settings.emplace_back("cpu.cfs_period_us", std::to_string(resources.cpu_period_us));
      settings.emplace_back("cpu.cfs_quota_us", std::to_string(resources.cpu_quota_us));
    }
  } else if (controller == "memory" && resources.memory_limit_bytes > 0) {
    settings.emplace_back("memory.limit_in_bytes", std::to_string(resources.memory_limit_bytes));
  }
  return settings;
}

Status make_pod_cgroup(const Options& options, const api::Pod& pod) {
  const runtime::LinuxResources resources = pod_resources(pod);
  const std::string below = relative(pod_cgroup(options, pod));
  const bool v2 = is_v2(options);
  for (const fs::path& hierarchy : hierarchies(options)) {
    const std::string controller = hierarchy.filename();
    const CgroupSettings settings =
        v2 ? cgroup_settings_v2(resources) : cgroup_settings_v1(resources, controller);
    // A cpuset group of v1 is useless until it has CPUs and memory; the runtime makes those itself.
    if (!v2 && settings.empty() && controller != "unified") continue;
    RETURN_IF_ERROR(make_directories(hierarchy / below));
    if (v2) enable_controllers(hierarchy, below);
    for (const auto& [file, value] : settings)
      if (is_there(hierarchy / below / file))
        RETURN_IF_ERROR(write_control(hierarchy / below / file, value));
  }
  return absl::OkStatus();
}

Status remove_pod_cgroup(const Options& options, const std::string& uid) {
  for (const fs::path& hierarchy : hierarchies(options))
    for (const char* name : kClasses)
      RETURN_IF_ERROR(remove_group(hierarchy / relative(options.cgroup_root) / "kubepods" / name /
                                   ("pod" + uid)));
  return absl::OkStatus();
}

}  // namespace skiff::kubelet
