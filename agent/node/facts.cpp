// SPDX-License-Identifier: Apache-2.0
#include "agent/node/facts.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>

#include "base/file.h"

namespace skiff::node {
namespace {

std::string first_line(const std::filesystem::path& path) {
  const auto content = read_file(path);
  return content.ok() ? content->substr(0, content->find('\n')) : std::string();
}

// `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"` → its value.
std::string os_release(std::string_view name) {
  const auto content = read_file("/etc/os-release");
  if (!content.ok()) return "";
  const std::string wanted = fmt::format("{}=", name);
  for (size_t at = 0; at < content->size();) {
    const size_t end = std::min(content->find('\n', at), content->size());
    std::string_view line = std::string_view(*content).substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(wanted)) continue;
    line.remove_prefix(wanted.size());
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"')
      line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return "";
}

// The number behind `name:` in /proc/meminfo, in bytes.
Result<int64_t> meminfo(std::string_view name) {
  ASSIGN_OR_RETURN(const std::string content, read_file("/proc/meminfo"));
  size_t at = content.find(fmt::format("{}:", name));
  if (at == std::string::npos) return not_found("/proc/meminfo: no line {}", name);
  at = content.find_first_of("0123456789", at);
  int64_t kibibytes = 0;
  if (at != std::string::npos)
    std::from_chars(content.data() + at, content.data() + content.size(), kibibytes);
  return kibibytes * 1024;
}

Result<struct statvfs> file_system_of(const std::filesystem::path& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0)
    return errno_status(errno, fmt::format("statvfs {}", path.string()));
  return info;
}

std::string go_architecture(std::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return std::string(machine);
}

}  // namespace

Result<Facts> read_facts(const std::filesystem::path& data_directory) {
  Facts facts;
  facts.cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  ASSIGN_OR_RETURN(facts.memory_bytes, meminfo("MemTotal"));
  ASSIGN_OR_RETURN(const struct statvfs disk, file_system_of(data_directory));
  facts.disk_bytes = static_cast<int64_t>(disk.f_blocks * disk.f_frsize);
  facts.machine_id = first_line("/etc/machine-id");
  facts.system_uuid = first_line("/sys/class/dmi/id/product_uuid");
  if (facts.system_uuid.empty()) facts.system_uuid = facts.machine_id;
  facts.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  facts.os_image = os_release("PRETTY_NAME");
  struct utsname name{};
  if (::uname(&name) == 0) {
    facts.kernel_version = name.release;
    facts.architecture = go_architecture(name.machine);
  }
  return facts;
}

Result<Usage> read_usage(const std::filesystem::path& data_directory) {
  Usage usage;
  ASSIGN_OR_RETURN(usage.memory_available_bytes, meminfo("MemAvailable"));
  ASSIGN_OR_RETURN(const struct statvfs disk, file_system_of(data_directory));
  const auto share = [](auto free, auto total) {
    return total == 0 ? 1.0 : static_cast<double>(free) / static_cast<double>(total);
  };
  usage.disk_free = share(disk.f_bavail, disk.f_blocks);
  usage.inodes_free = share(disk.f_favail, disk.f_files);
  return usage;
}

}  // namespace skiff::node
