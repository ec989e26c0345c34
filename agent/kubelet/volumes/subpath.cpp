// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/subpath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/kubelet/volumes/atomic_writer.h"
#include "agent/kubelet/volumes/mounts.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

// Links are followed as long as they stay below `root`: those of the atomic writer do.
UniqueFd open_beneath(int root, const char* path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
}

Result<UniqueFd> open_or_make(const fs::path& volume, const std::string& subpath) {
  UniqueFd root(::open(volume.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return errno_status(errno, volume.string());
  UniqueFd found = open_beneath(root.get(), subpath.c_str());
  if (found) return found;
  if (errno != ENOENT) return errno_status(errno, "subPath " + subpath);
  // New directories are as open as the volume itself.
  struct stat volume_info{};
  if (::fstat(root.get(), &volume_info) != 0) return errno_status(errno, volume.string());
  UniqueFd at = std::move(root);
  for (const auto& part : fs::path(subpath)) {
    if (part.empty()) continue;
    UniqueFd next = open_beneath(at.get(), part.c_str());
    if (!next && errno == ENOENT) {
      if (::mkdirat(at.get(), part.c_str(), 0755) != 0 && errno != EEXIST)
        return errno_status(errno, "make subPath " + subpath);
      next = open_beneath(at.get(), part.c_str());
      const std::string made = fmt::format("/proc/self/fd/{}", next.get());
      if (next) ::chmod(made.c_str(), volume_info.st_mode & 07777);
    }
    if (!next) return errno_status(errno, "subPath " + subpath);
    at = std::move(next);
  }
  return at;
}

}  // namespace

Status bind_subpath(const fs::path& volume, const std::string& subpath, const fs::path& target) {
  RETURN_IF_ERROR(check_relative_path(subpath));
  if (is_mount_point(target)) return absl::OkStatus();
  ASSIGN_OR_RETURN(UniqueFd source, open_or_make(volume, subpath));
  struct stat info{};
  if (::fstat(source.get(), &info) != 0) return errno_status(errno, "subPath " + subpath);
  if (S_ISDIR(info.st_mode)) {
    RETURN_IF_ERROR(make_directories(target));
  } else {
    RETURN_IF_ERROR(make_directories(target.parent_path()));
    UniqueFd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
    if (!file) return errno_status(errno, target.string());
  }
  const std::string from = fmt::format("/proc/self/fd/{}", source.get());
  if (::mount(from.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return errno_status(errno, "bind subPath " + subpath);
  return absl::OkStatus();
}

}  // namespace skiff::kubelet
