// SPDX-License-Identifier: Apache-2.0
#include "base/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "base/file.h"

namespace skiff::metrics {
namespace {

// Fields of /proc/PID/stat (proc(5)), counted from the one after the command.
struct Stat {
  double cpu_ticks = 0;
  double start_ticks = 0;  // since boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};

std::optional<Stat> read_stat() {
  const std::string text = read_file("/proc/self/stat").value_or("");
  const size_t command_end = text.rfind(')');
  if (command_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(command_end + 1));
  std::vector<std::string> values;
  for (std::string field; fields >> field;) values.push_back(std::move(field));
  if (values.size() < 22) return std::nullopt;
  const auto number = [&](size_t field) { return std::stod(values[field - 3]); };
  return Stat{.cpu_ticks = number(14) + number(15),
              .start_ticks = number(22),
              .virtual_bytes = number(23),
              .resident_pages = number(24)};
}

double boot_time() {
  std::istringstream lines(read_file("/proc/stat").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return 0;
}

}  // namespace

void refresh_process(Registry& registry) {
  const double tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const auto stat = read_stat()) {
    follow(counter(registry, "process_cpu_seconds_total", "Processor time used."),
           stat->cpu_ticks / tick);
    gauge(registry, "process_resident_memory_bytes", "Memory in use.")
        .Set(stat->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    gauge(registry, "process_virtual_memory_bytes", "Address space in use.")
        .Set(stat->virtual_bytes);
    gauge(registry, "process_start_time_seconds", "When the process started, since 1970.")
        .Set(boot_time() + stat->start_ticks / tick);
  }
  std::error_code error;
  const std::filesystem::directory_iterator fds("/proc/self/fd", error);
  if (!error)
    gauge(registry, "process_open_fds", "Open file descriptors.")
        .Set(static_cast<double>(std::distance(begin(fds), end(fds))));
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    gauge(registry, "process_max_fds", "File descriptors that may be open.")
        .Set(static_cast<double>(limit.rlim_cur));
}

}  // namespace skiff::metrics
