// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/host_path.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::kubelet {
namespace {

struct Expectation {
  const char* type;
  mode_t kind;
  const char* noun;
};
constexpr Expectation kExpectations[] = {
    {"DirectoryOrCreate", S_IFDIR, "directory"},
    {"Directory", S_IFDIR, "directory"},
    {"FileOrCreate", S_IFREG, "file"},
    {"File", S_IFREG, "file"},
    {"Socket", S_IFSOCK, "socket"},
    {"CharDevice", S_IFCHR, "character device"},
    {"BlockDevice", S_IFBLK, "block device"},
};

Status create_file(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  return fd || errno == EEXIST ? absl::OkStatus() : errno_status(errno, path.string());
}

}  // namespace

Status prepare_host_path(const std::filesystem::path& path, const std::string& type) {
  struct stat info{};
  const bool present = ::stat(path.c_str(), &info) == 0;
  if (type.empty()) return absl::OkStatus();  // the runtime makes a directory if there is nothing
  if (!present && type == "DirectoryOrCreate") return make_directories(path);
  if (!present && type == "FileOrCreate") return create_file(path);
  for (const Expectation& expected : kExpectations) {
    if (type != expected.type) continue;
    if (!present || (info.st_mode & S_IFMT) != expected.kind)
      return failed_precondition("hostPath type check failed: {} is not a {}", path.string(),
                                 expected.noun);
    return absl::OkStatus();
  }
  return invalid_argument("hostPath type \"{}\" is not known", type);
}

}  // namespace skiff::kubelet
