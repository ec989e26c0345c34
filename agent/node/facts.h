// SPDX-License-Identifier: Apache-2.0
// What the machine is: processors, memory, disk, kernel, distribution.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace skiff::node {

struct Facts {
  int64_t cpus = 0;
  int64_t memory_bytes = 0;
  int64_t disk_bytes = 0;  // of the file system that holds the agent's data
  std::string machine_id;
  std::string system_uuid;
  std::string boot_id;
  std::string kernel_version;
  std::string os_image;
  std::string architecture;  // Go's name: amd64, arm64
};

// What a file lacks stays empty; only processors, memory and disk are errors.
Result<Facts> read_facts(const std::filesystem::path& data_directory);

// Free and total of memory, disk and inodes: what pressure is judged by.
struct Usage {
  int64_t memory_available_bytes = 0;
  double disk_free = 1;    // 0..1
  double inodes_free = 1;  // 0..1
};
Result<Usage> read_usage(const std::filesystem::path& data_directory);

}  // namespace skiff::node
