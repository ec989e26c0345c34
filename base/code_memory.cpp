// SPDX-License-Identifier: Apache-2.0
#include "base/code_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"

namespace skiff {
namespace {

// A line that begins a mapping begins with its address; the others with a capital.
bool begins_mapping(std::string_view line) {
  return !line.empty() && (line[0] < 'A' || line[0] > 'Z');
}

std::vector<std::string> split(const std::string& smaps) {
  std::vector<std::string> mappings;
  for (size_t at = 0; at < smaps.size();) {
    const size_t end = std::min(smaps.find('\n', at), smaps.size() - 1) + 1;
    const std::string_view line = std::string_view(smaps).substr(at, end - at);
    at = end;
    if (begins_mapping(line)) mappings.emplace_back();
    if (!mappings.empty()) mappings.back() += line;
  }
  return mappings;
}

// In kB; 0 where it is not told.
long figure(std::string_view mapping, std::string_view name) {
  const size_t at = mapping.find("\n" + std::string(name) + ":");
  if (at == std::string_view::npos) return 0;
  return std::strtol(mapping.data() + at + name.size() + 2, nullptr, 10);
}

}  // namespace

bool holds_only_file_pages(std::string_view mapping) {
  const std::string_view line = mapping.substr(0, mapping.find('\n'));
  const size_t access = line.find(' ') + 1;
  const std::string_view flags = line.substr(access, 4);
  return (flags == "r-xp" || flags == "r--p") && line.find('/') != std::string_view::npos &&
         figure(mapping, "Anonymous") == 0 && figure(mapping, "Swap") == 0;
}

Status release_code_pages() {
  ASSIGN_OR_RETURN(const std::string smaps, read_file("/proc/self/smaps"));
  for (const std::string& mapping : split(smaps)) {
    unsigned long begin = 0, end = 0;
    if (!holds_only_file_pages(mapping) ||
        std::sscanf(mapping.c_str(), "%lx-%lx", &begin, &end) != 2)
      continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): /proc gives addresses as text.
    if (madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED) != 0)
      return errno_status(errno, "madvise " + mapping.substr(0, mapping.find('\n')));
  }
  return absl::OkStatus();
}

}  // namespace skiff
