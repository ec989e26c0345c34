// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/bpffs.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace skiff::datapath {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDefaultMount = "/sys/fs/bpf";

bool on_bpffs(const fs::path& path) {
  struct statfs info = {};
  return ::statfs(path.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

Status mount_bpffs(const fs::path& where) {
  std::error_code error;
  fs::create_directories(where, error);
  if (error) return errno_status(error.value(), fmt::format("make {}", where.string()));
  if (::mount("bpf", where.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0) {
    return errno_status(errno, fmt::format("mount bpf at {}", where.string()));
  }
  return {};
}

bool is_below(const std::string& path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

Status prepare_pin_dir(const std::string& pin_dir) {
  const bool below_default = is_below(pin_dir, kDefaultMount);
  fs::path existing = pin_dir;
  std::error_code error;
  while (!fs::exists(existing, error) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  if (!on_bpffs(existing)) {
    RETURN_IF_ERROR(mount_bpffs(below_default ? fs::path(kDefaultMount) : fs::path(pin_dir)));
  }
  for (const char* part : {"maps", "links", "next"}) {
    fs::create_directories(fs::path(pin_dir) / part, error);
    if (error) return errno_status(error.value(), fmt::format("make {}/{}", pin_dir, part));
  }
  return {};
}

std::vector<std::string> list_pins(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

Status remove_pin(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return errno_status(errno, fmt::format("unpin {}", path));
}

}  // namespace skiff::datapath
