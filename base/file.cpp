// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace skiff {
namespace {

Status write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_status(errno, fmt::format("write {}", path.string()));
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

Status sync_directory(const std::filesystem::path& directory) {
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_status(errno, fmt::format("open {}", directory.string()));
  if (::fsync(fd.get()) != 0)
    return errno_status(errno, fmt::format("fsync {}", directory.string()));
  return absl::OkStatus();
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_status(errno, fmt::format("open {}", path.string()));
  std::string content;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_status(errno, fmt::format("read {}", path.string()));
    if (got == 0) return content;
    content.append(buffer, static_cast<size_t>(got));
  }
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const std::filesystem::path temporary = path.string() + fmt::format(".tmp{}", ::getpid());
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd) return errno_status(errno, fmt::format("create {}", temporary.string()));
  Status status = write_all(fd.get(), content, temporary);
  if (status.ok() && ::fchmod(fd.get(), mode) != 0) status = errno_status(errno, "fchmod");
  if (status.ok() && ::fsync(fd.get()) != 0) status = errno_status(errno, "fsync");
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
    status = errno_status(errno, fmt::format("rename to {}", path.string()));
  if (!status.ok()) {
    (void)::unlink(temporary.c_str());
    return annotate(status, fmt::format("write {}", path.string()));
  }
  return sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

Status make_directories(const std::filesystem::path& path, mode_t mode) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return errno_status(error.value(), fmt::format("mkdir {}", path.string()));
  if (::chmod(path.c_str(), mode) != 0)
    return errno_status(errno, fmt::format("chmod {}", path.string()));
  return absl::OkStatus();
}

Result<UniqueFd> duplicate(int fd) {
  UniqueFd second(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!second) return errno_status(errno, fmt::format("duplicate descriptor {}", fd));
  return second;
}

}  // namespace skiff
