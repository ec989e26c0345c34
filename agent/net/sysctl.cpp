// SPDX-License-Identifier: Apache-2.0
#include "agent/net/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::net {

Result<std::string> read_sysctl(const std::string& key) {
  ASSIGN_OR_RETURN(std::string value, read_file("/proc/sys/net/" + key), "sysctl net/{}", key);
  while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) value.pop_back();
  return value;
}

Status write_sysctl(const std::string& key, std::string_view value) {
  ASSIGN_OR_RETURN(const std::string present, read_sysctl(key));
  if (present == value) return absl::OkStatus();
  const std::string path = "/proc/sys/net/" + key;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string_view text = value.empty() ? "\n" : value;  // writing nothing changes nothing
  if (!fd || ::write(fd.get(), text.data(), text.size()) < 0)
    return errno_status(errno, fmt::format("write sysctl net/{} = {}", key, value));
  return absl::OkStatus();
}

}  // namespace skiff::net
