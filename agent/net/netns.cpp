// SPDX-License-Identifier: Apache-2.0
#include "agent/net/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <thread>

namespace skiff::net {
namespace {

constexpr const char* kNamedDirectory = "/run/netns";
constexpr const char* kThreadNetns = "/proc/thread-self/ns/net";

Result<UniqueFd> open_fd(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_status(errno, fmt::format("open netns {}", path));
  return fd;
}

Status run_joined(const std::function<void()>& work) {
  try {
    std::thread(work).join();
  } catch (const std::system_error& error) {
    return resource_exhausted("start thread for netns: {}", error.what());
  }
  return absl::OkStatus();
}

// Unmounts of a name must reach every mount namespace that copied it, or the namespace would live
// on there: so the directory is a shared mount of its own, as `ip netns` makes it.
Status share_named_directory() {
  if (::mkdir(kNamedDirectory, 0755) != 0 && errno != EEXIST)
    return errno_status(errno, fmt::format("mkdir {}", kNamedDirectory));
  if (::mount("", kNamedDirectory, "none", MS_SHARED | MS_REC, nullptr) == 0)
    return absl::OkStatus();
  if (errno != EINVAL) return errno_status(errno, fmt::format("share {}", kNamedDirectory));
  if (::mount(kNamedDirectory, kNamedDirectory, "none", MS_BIND | MS_REC, nullptr) != 0)
    return errno_status(errno, fmt::format("bind {}", kNamedDirectory));
  if (::mount("", kNamedDirectory, "none", MS_SHARED | MS_REC, nullptr) != 0)
    return errno_status(errno, fmt::format("share {}", kNamedDirectory));
  return absl::OkStatus();
}

// Unshares the calling thread; `bind_to` empty: no name.
Result<UniqueFd> unshare_thread(const std::string& bind_to) {
  if (::unshare(CLONE_NEWNET) != 0) return errno_status(errno, "unshare network namespace");
  if (!bind_to.empty() && ::mount(kThreadNetns, bind_to.c_str(), "none", MS_BIND, nullptr) != 0)
    return errno_status(errno, fmt::format("bind netns to {}", bind_to));
  return open_fd(kThreadNetns);
}

Result<UniqueFd> create(const std::string& bind_to) {
  Result<UniqueFd> created = internal_error("not run");
  RETURN_IF_ERROR(run_joined([&] { created = unshare_thread(bind_to); }));
  return created;
}

}  // namespace

Result<Netns> Netns::current() {
  ASSIGN_OR_RETURN(UniqueFd fd, open_fd(kThreadNetns));
  return Netns(std::move(fd));
}

Result<Netns> Netns::open(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_fd(path));
  // Any file opens; only a namespace can be entered.
  struct stat found{};
  struct stat own{};
  if (::fstat(fd.get(), &found) != 0 || ::stat(kThreadNetns, &own) != 0)
    return errno_status(errno, fmt::format("stat netns {}", path));
  if (found.st_dev != own.st_dev)
    return invalid_argument("open netns {}: not a network namespace", path);
  return Netns(std::move(fd));
}

Result<Netns> Netns::create_anonymous() {
  ASSIGN_OR_RETURN(UniqueFd fd, create(""), "create netns");
  return Netns(std::move(fd));
}

Result<Netns> Netns::create_named(const std::string& name) {
  RETURN_IF_ERROR(share_named_directory(), "create netns {}", name);
  const std::string path = named_path(name);
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
  if (!file) return errno_status(errno, fmt::format("create netns {}", name));
  Result<UniqueFd> fd = create(path);
  if (!fd.ok()) {
    (void)::unlink(path.c_str());
    return annotate(fd.status(), fmt::format("create netns {}", name));
  }
  return Netns(std::move(fd).value());
}

Status Netns::remove_named(const std::string& name) {
  const std::string path = named_path(name);
  if (::umount2(path.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT)
    return errno_status(errno, fmt::format("unmount netns {}", name));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return errno_status(errno, fmt::format("remove netns {}", name));
  return absl::OkStatus();
}

std::string Netns::named_path(const std::string& name) {
  return fmt::format("{}/{}", kNamedDirectory, name);
}

std::vector<std::string> Netns::list_named() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kNamedDirectory, error))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Netns> Netns::list_all() {
  std::vector<Netns> all;
  std::set<std::pair<dev_t, ino_t>> seen;
  const auto add = [&](const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !seen.emplace(found.st_dev, found.st_ino).second)
      return;
    if (auto netns = open(path); netns.ok()) all.push_back(std::move(*netns));
  };
  for (const std::string& name : list_named()) add(named_path(name));
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored))
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().string().front())))
      add(entry.path() / "ns/net");
  return all;
}

bool Netns::same_as(const Netns& other) const {
  struct stat a{};
  struct stat b{};
  return ::fstat(fd(), &a) == 0 && ::fstat(other.fd(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

Status Netns::run_on_thread(const std::function<void()>& work) const {
  Status entered = absl::OkStatus();
  RETURN_IF_ERROR(run_joined([&] {
    if (::setns(fd(), CLONE_NEWNET) != 0) {
      entered = errno_status(errno, "enter netns");
      return;
    }
    work();
  }));
  return entered;
}

}  // namespace skiff::net
