// SPDX-License-Identifier: Apache-2.0
#include "cli/uninstall/run_files.h"

namespace skiff::cli {

Status remove_run_files(const std::filesystem::path& directory) {
  std::error_code error;
  for (const char* name : {"agent.sock", "cni.sock", "hubble.sock", "cni-tombstones"}) {
    std::filesystem::remove_all(directory / name, error);
    if (error) return errno_status(error.value(), "remove " + (directory / name).string());
  }
  std::filesystem::remove(directory, error);
  return absl::OkStatus();
}

}  // namespace skiff::cli
