// SPDX-License-Identifier: Apache-2.0
#include "base/code_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/file.h"

namespace skiff {

Status release_code_pages() {
  ASSIGN_OR_RETURN(const std::string maps, read_file("/proc/self/maps"));
  for (size_t at = 0; at < maps.size();) {
    const size_t end = std::min(maps.find('\n', at), maps.size());
    const std::string line = maps.substr(at, end - at);
    at = end + 1;
    unsigned long begin = 0, finish = 0;
    char access[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &finish, access) != 3 ||
        std::string_view(access) != "r-xp" || line.find('/') == std::string::npos)
      continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): /proc gives addresses as text.
    if (madvise(reinterpret_cast<void*>(begin), finish - begin, MADV_DONTNEED) != 0)
      return errno_status(errno, "madvise " + line);
  }
  return absl::OkStatus();
}

}  // namespace skiff
