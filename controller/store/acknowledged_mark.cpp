// SPDX-License-Identifier: Apache-2.0
#include "controller/store/acknowledged_mark.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <string>

namespace skiff::store {

Result<AcknowledgedMark> AcknowledgedMark::open(const std::filesystem::path& directory) {
  AcknowledgedMark mark;
  mark.path_ = directory / "ACKNOWLEDGED";
  mark.fd_.reset(::open(mark.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!mark.fd_) return errno_status(errno, fmt::format("open {}", mark.path_.string()));
  if (::flock(mark.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    return failed_precondition("{} is in use by another process: stop it first",
                               directory.string());
  }
  char text[32];
  const ssize_t size = ::pread(mark.fd_.get(), text, sizeof text, 0);
  // A file that a power cut left empty or torn says nothing, and that is safe.
  if (size > 0 && text[size - 1] == '\n') {
    std::from_chars(text, text + size, mark.revision_);
  }
  return mark;
}

void AcknowledgedMark::advance(int64_t revision) {
  revision_ = revision;
  // Fixed width: the file never grows, so it can be written on a full disk.
  const std::string text = fmt::format("{:020}\n", revision);
  [[maybe_unused]] const ssize_t written = ::pwrite(fd_.get(), text.data(), text.size(), 0);
}

}  // namespace skiff::store
