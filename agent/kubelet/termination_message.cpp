// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/termination_message.h"

#include <fstream>

namespace skiff::kubelet {
namespace {

constexpr size_t kMaxMessageBytes = 4096;
constexpr size_t kMaxLogBytes = 2048;
constexpr size_t kMaxLogLines = 80;
constexpr int64_t kReadFromLog = 64 * 1024;

std::string read_end(const std::filesystem::path& path, int64_t max_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const int64_t size = file.tellg();
  const int64_t from = std::max<int64_t>(0, size - max_bytes);
  file.seekg(from);
  std::string text(static_cast<size_t>(size - from), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

std::string read_start(const std::filesystem::path& path, size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text(max_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(max_bytes));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

}  // namespace

std::string log_tail(std::string_view log, size_t max_lines, size_t max_bytes) {
  std::vector<std::string> lines;
  while (!log.empty()) {
    const size_t end = log.find('\n');
    std::string_view line = log.substr(0, end);
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    bool partial = false;
    for (int field = 0; field < 3; ++field) {
      const size_t space = line.find(' ');
      if (space == std::string_view::npos) break;
      if (field == 2) partial = line.substr(0, space) == "P";
      line.remove_prefix(space + 1);
    }
    lines.push_back(std::string(line) + (partial ? "" : "\n"));
  }
  std::string tail;
  const size_t skip = lines.size() > max_lines ? lines.size() - max_lines : 0;
  for (size_t i = skip; i < lines.size(); ++i) tail += lines[i];
  return tail.size() > max_bytes ? tail.substr(tail.size() - max_bytes) : tail;
}

std::string termination_message(const runtime::ContainerStatus& status, const PodPaths& paths,
                                const std::string& policy) {
  std::string message =
      read_start(paths.termination_message(status.name, status.attempt), kMaxMessageBytes);
  if (!message.empty()) return message;
  if (policy == "FallbackToLogsOnError" && status.exit_code != 0)
    message = log_tail(read_end(paths.log_file(status.name, status.attempt), kReadFromLog),
                       kMaxLogLines, kMaxLogBytes);
  return message.empty() ? status.message : message;
}

}  // namespace skiff::kubelet
