// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/empty_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "agent/kubelet/volumes/mounts.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

bool is_limited(const api::Volume& volume) {
  return volume.emptyDir && volume.emptyDir->medium.empty() && volume.emptyDir->sizeLimit &&
         !volume.emptyDir->sizeLimit->is_zero();
}

// What the tree takes on disk, without other file systems below it. Files that vanish meanwhile
// count nothing.
int64_t disk_usage(const fs::path& path) {
  struct stat root{};
  if (::lstat(path.c_str(), &root) != 0) return 0;
  int64_t blocks = root.st_blocks;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(path, error); !error && at != fs::end(at);
       at.increment(error)) {
    struct stat info{};
    if (::lstat(at->path().c_str(), &info) != 0) continue;
    if (info.st_dev != root.st_dev)
      at.disable_recursion_pending();
    else
      blocks += info.st_blocks;
  }
  return blocks * 512;
}

}  // namespace

Status prepare_empty_dir(const fs::path& path, const api::EmptyDirVolumeSource& source,
                         std::optional<int64_t> group) {
  if (source.medium == "Memory")
    RETURN_IF_ERROR(mount_tmpfs(path, source.sizeLimit && !source.sizeLimit->is_zero()
                                          ? std::optional(source.sizeLimit->value())
                                          : std::nullopt));
  RETURN_IF_ERROR(make_directories(path));
  if (group && ::chown(path.c_str(), static_cast<uid_t>(-1), static_cast<gid_t>(*group)) != 0)
    return errno_status(errno, "chown " + path.string());
  if (::chmod(path.c_str(), group ? 02777 : 0777) != 0)
    return errno_status(errno, "chmod " + path.string());
  return absl::OkStatus();
}

bool has_limited_empty_dir(const api::Pod& pod) {
  return std::any_of(pod.spec.volumes.begin(), pod.spec.volumes.end(), is_limited);
}

std::optional<std::string> exceeded_empty_dir(const api::Pod& pod, const PodPaths& paths) {
  for (const auto& volume : pod.spec.volumes) {
    if (!is_limited(volume)) continue;
    if (disk_usage(paths.volume("empty-dir", volume.name)) > volume.emptyDir->sizeLimit->value())
      return fmt::format("Usage of EmptyDir volume \"{}\" exceeds the limit \"{}\". ", volume.name,
                         volume.emptyDir->sizeLimit->to_string());
  }
  return std::nullopt;
}

}  // namespace skiff::kubelet
