// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/mounts.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "base/file.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

// mountinfo writes blanks and backslashes as octal: `\040`.
std::string unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> mount_points() {
  std::vector<std::string> points;
  std::ifstream file("/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string skip, point;
    fields >> skip >> skip >> skip >> skip >> point;
    points.push_back(unescape(point));
  }
  return points;
}

}  // namespace

bool is_mount_point(const fs::path& path) {
  // Bind mounts within one file system have no device of their own, so the table decides.
  std::error_code error;
  const std::string wanted = fs::weakly_canonical(path, error);
  for (const auto& point : mount_points())
    if (point == wanted) return true;
  return false;
}

Status mount_tmpfs(const fs::path& path, std::optional<int64_t> size_bytes) {
  RETURN_IF_ERROR(make_directories(path));
  if (is_mount_point(path)) return absl::OkStatus();
  const std::string data = size_bytes ? fmt::format("size={}", *size_bytes) : "";
  if (::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
              data.empty() ? nullptr : data.c_str()) != 0)
    return errno_status(errno, "mount tmpfs " + path.string());
  return absl::OkStatus();
}

Status unmount_below(const fs::path& path) {
  std::error_code error;
  const std::string root = fs::weakly_canonical(path, error);
  const std::vector<std::string> points = mount_points();
  // Later mounts lie on or below earlier ones.
  for (auto it = points.rbegin(); it != points.rend(); ++it) {
    if (*it != root && !it->starts_with(root + "/")) continue;
    if (::umount2(it->c_str(), UMOUNT_NOFOLLOW) == 0 || errno == EINVAL) continue;
    if (errno == EBUSY && ::umount2(it->c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) == 0) continue;
    return errno_status(errno, "unmount " + *it);
  }
  return absl::OkStatus();
}

Status remove_tree(const fs::path& path) {
  RETURN_IF_ERROR(unmount_below(path));
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return errno_status(error.value(), "remove " + path.string());
  return absl::OkStatus();
}

}  // namespace skiff::kubelet
