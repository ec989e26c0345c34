// SPDX-License-Identifier: Apache-2.0
#include "cli/local/machine.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "agent/net/netlink.h"
#include "agent/net/route.h"
#include "base/file.h"
#include "cli/local/cgroups.h"
#include "cli/local/proof.h"
#include "cli/local/spec_file.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNetnsDirectory = "/run/netns";
constexpr uint32_t kLastResortMetric = 0xfffffff0;  // any route of the machine's own wins

std::string mark(const char* what) {
  return fmt::format("{}/.{}", kRunRoot, what);
}

bool is_bpffs(const char* path) {
  struct statfs info{};
  return ::statfs(path, &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

bool is_mount_point(const std::string& path) {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string device, mount, rest; mounts >> device >> mount && std::getline(mounts, rest);) {
    if (mount == path) return true;
  }
  return false;
}

bool in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/usr/sbin" : path;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (::access(fmt::format("{}/{}", directory, program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::vector<net::Route> unreachable_routes() {
  const Layout both = make_layout({.ipv6 = true});
  std::vector<net::Route> routes;
  for (const auto& ranges : {both.cluster_ranges, both.service_ranges}) {
    for (const Cidr& range : ranges) {
      routes.push_back({.destination = range,
                        .kind = net::RouteKind::kUnreachable,
                        .metric = kLastResortMetric});
    }
  }
  return routes;
}

Status mount_bpffs() {
  if (is_bpffs(kBpfRoot)) return absl::OkStatus();
  RETURN_IF_ERROR(write_file_atomic(mark("bpffs"), "mounted by skiff\n"));
  if (::mount("bpf", kBpfRoot, "bpf", 0, "mode=0700") != 0) {
    return errno_status(errno, fmt::format("mount bpffs on {}", kBpfRoot));
  }
  return absl::OkStatus();
}

// The first named namespace of a machine makes /run/netns, and a mount of it: both are ours to undo
// if they were not there before.
Status note_netns_directory() {
  if (!fs::exists(kNetnsDirectory)) {
    RETURN_IF_ERROR(write_file_atomic(mark("netns-directory"), "made by skiff\n"));
  }
  if (!is_mount_point(kNetnsDirectory)) {
    RETURN_IF_ERROR(write_file_atomic(mark("netns-mount"), "mounted by skiff\n"));
  }
  return absl::OkStatus();
}

// The kernel puts two iterators into every bpffs.
bool holds_no_pins(const char* bpffs) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(bpffs, error)) {
    if (entry.path().extension() != ".debug") return false;
  }
  return true;
}

void release_netns_directory() {
  std::error_code error;
  if (!fs::is_empty(kNetnsDirectory, error) || error) return;  // somebody else's by now
  if (fs::exists(mark("netns-mount"))) (void)::umount2(kNetnsDirectory, MNT_DETACH);
  if (fs::exists(mark("netns-directory"))) (void)::rmdir(kNetnsDirectory);
}

// An agent of the machine itself has its sockets beside them.
void remove_marks() {
  std::error_code error;
  std::vector<fs::path> marks;
  for (const auto& entry : fs::directory_iterator(kRunRoot, error))
    if (entry.path().filename().string().starts_with('.')) marks.push_back(entry.path());
  for (const fs::path& each : marks) fs::remove(each, error);
}

}  // namespace

Status check_root() {
  if (::geteuid() != 0) return permission_denied("a cluster needs root: run it with sudo");
  return absl::OkStatus();
}

Status check_machine(const Programs& programs) {
  for (const std::string& program :
       {programs.controller.string(), programs.agent.string(),
        (programs.cni_directory / "skiff-cni").string(), programs.containerd,
        std::string("containerd-shim-runc-v2"), std::string("runc")}) {
    if (!in_path(program)) {
      return failed_precondition(
          "{} is missing: build with `make build`, packages with `make deps`", program);
    }
  }
  return cgroup_hierarchies().status();
}

Status acquire_machine(const Layout& layout) {
  RETURN_IF_ERROR(mount_bpffs());
  RETURN_IF_ERROR(note_netns_directory());
  RETURN_IF_ERROR(note_sysctls());
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  for (const net::Route& route : unreachable_routes()) {
    if (!route.destination.is_v4() && !layout.spec.ipv6) continue;
    RETURN_IF_ERROR(net::replace_route(netlink, route), "route {}", route.to_string());
  }
  return absl::OkStatus();
}

Status release_machine() {
  if (!cluster_names().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  for (const net::Route& route : unreachable_routes()) {
    RETURN_IF_ERROR(net::delete_route(netlink, route));
  }
  release_netns_directory();
  std::error_code error;
  fs::remove(std::string(kBpfRoot) + "/skiff", error);
  if (fs::exists(mark("bpffs")) && holds_no_pins(kBpfRoot)) {
    (void)::umount2(kBpfRoot, MNT_DETACH);
  }
  RETURN_IF_ERROR(remove_cgroup("/skiff", std::chrono::seconds(5)));
  remove_marks();
  for (const char* root : {kRunRoot, kDataRoot}) fs::remove(root, error);  // unless it is shared
  return absl::OkStatus();
}

Result<UniqueFd> lock_machine() {
  // In /run itself: the clusters' own directory comes and goes under the lock.
  UniqueFd fd(::open("/run/lock", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_status(errno, "open /run/lock");
  if (::flock(fd.get(), LOCK_EX) != 0) return errno_status(errno, "lock /run/lock");
  return fd;
}

}  // namespace skiff::cli
