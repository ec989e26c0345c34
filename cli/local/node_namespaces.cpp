// SPDX-License-Identifier: Apache-2.0
#include "cli/local/node_namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/net/netns.h"

namespace skiff::cli {
namespace {

Status mount_or_status(const char* source, const std::string& target, const char* type,
                       unsigned long flags, const char* data = nullptr) {
  if (::mount(source, target.c_str(), type, flags, data) == 0) return absl::OkStatus();
  return errno_status(errno,
                      fmt::format("mount {} on {}", type == nullptr ? source : type, target));
}

// A detached copy of the mounts at `path`, to be put somewhere else after `path` was covered.
Result<UniqueFd> clone_tree(const char* path) {
  UniqueFd tree(static_cast<int>(
      ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)));
  if (!tree) return errno_status(errno, fmt::format("open_tree {}", path));
  return tree;
}

Status put_tree(const UniqueFd& tree, const char* path) {
  if (::move_mount(tree.get(), "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0) {
    return absl::OkStatus();
  }
  return errno_status(errno, fmt::format("move_mount {}", path));
}

// sysfs shows the devices of the network namespace it is mounted in; the control groups and pins
// below it stay the machine's.
Status remount_sys() {
  ASSIGN_OR_RETURN(UniqueFd cgroups, clone_tree("/sys/fs/cgroup"));
  ASSIGN_OR_RETURN(UniqueFd pins, clone_tree(kBpfRoot));
  RETURN_IF_ERROR(mount_or_status("sysfs", "/sys", "sysfs", 0));
  RETURN_IF_ERROR(put_tree(cgroups, "/sys/fs/cgroup"));
  return put_tree(pins, kBpfRoot);
}

// A /run of its own: runtimes keep state below it under fixed names. /run/skiff stays the
// machine's, so that sockets can be reached from outside.
Status remount_run() {
  ASSIGN_OR_RETURN(UniqueFd shared, clone_tree(kRunRoot));
  (void)::umount2("/run/netns", MNT_DETACH);  // other nodes' names, or they would outlive them here
  RETURN_IF_ERROR(mount_or_status("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"));
  for (const char* directory : {kRunRoot, "/run/netns", "/run/lock"}) {
    if (::mkdir(directory, 0755) != 0) return errno_status(errno, directory);
  }
  return put_tree(shared, kRunRoot);
}

// In a process of its own, inside the node's network namespace.
Status build_namespaces(const NodeLayout& node) {
  if (::unshare(CLONE_NEWNS | CLONE_NEWUTS) != 0) return errno_status(errno, "unshare");
  // Unmounts on the machine reach the node, nothing of the node reaches the machine; among the
  // node's pods mounts propagate as their volumes ask.
  RETURN_IF_ERROR(mount_or_status("none", "/", nullptr, MS_SLAVE | MS_REC));
  RETURN_IF_ERROR(remount_sys());
  RETURN_IF_ERROR(remount_run());
  RETURN_IF_ERROR(mount_or_status("none", "/", nullptr, MS_SHARED | MS_REC));
  if (::sethostname(node.name.data(), node.name.size()) != 0) {
    return errno_status(errno, "sethostname");
  }
  return absl::OkStatus();
}

Result<UniqueFd> open_namespace(pid_t pid, const char* kind) {
  const std::string path = fmt::format("/proc/{}/ns/{}", pid, kind);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_status(errno, fmt::format("open {}", path));
  return fd;
}

}  // namespace

Result<NodeNamespaces> NodeNamespaces::of_process(pid_t pid) {
  NodeNamespaces namespaces;
  ASSIGN_OR_RETURN(namespaces.net_, open_namespace(pid, "net"));
  ASSIGN_OR_RETURN(namespaces.mnt_, open_namespace(pid, "mnt"));
  ASSIGN_OR_RETURN(namespaces.uts_, open_namespace(pid, "uts"));
  return namespaces;
}

// A short-lived child builds them and waits until their descriptors are taken.
Result<NodeNamespaces> NodeNamespaces::create(const NodeLayout& node) {
  ASSIGN_OR_RETURN(net::Netns netns, net::Netns::open(net::Netns::named_path(node.netns)));
  int report[2];
  int release[2];
  if (::pipe2(report, O_CLOEXEC) != 0 || ::pipe2(release, O_CLOEXEC) != 0) {
    return errno_status(errno, "pipe");
  }
  UniqueFd report_read(report[0]), report_write(report[1]);
  UniqueFd release_read(release[0]), release_write(release[1]);
  const pid_t child = ::fork();
  if (child < 0) return errno_status(errno, "fork");
  if (child == 0) {
    release_write.reset();
    Status status = ::setns(netns.fd(), CLONE_NEWNET) == 0 ? build_namespaces(node)
                                                           : errno_status(errno, "setns");
    std::string text = status.ok() ? "+" : std::string(message(status));
    (void)!::write(report_write.get(), text.data(), text.size());
    char ignored;
    (void)!::read(release_read.get(), &ignored, 1);
    ::_exit(0);
  }
  report_write.reset();
  release_read.reset();
  std::array<char, 512> buffer;
  const ssize_t n = ::read(report_read.get(), buffer.data(), buffer.size());
  Result<NodeNamespaces> namespaces = internal_error("its process died");
  if (n > 0) {
    const std::string_view text(buffer.data(), static_cast<size_t>(n));
    namespaces = text == "+" ? of_process(child) : internal_error("{}", text);
  }
  release_write.reset();
  (void)::waitpid(child, nullptr, 0);
  if (!namespaces.ok()) return annotate(namespaces.status(), "namespaces of " + node.name);
  return namespaces;
}

Status NodeNamespaces::enter() const {
  if (::setns(net_.get(), CLONE_NEWNET) != 0) return errno_status(errno, "enter network namespace");
  if (::setns(uts_.get(), CLONE_NEWUTS) != 0) return errno_status(errno, "enter UTS namespace");
  if (::setns(mnt_.get(), CLONE_NEWNS) != 0) return errno_status(errno, "enter mount namespace");
  return absl::OkStatus();
}

}  // namespace skiff::cli
