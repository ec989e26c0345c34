// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"

namespace skiff::cli {

// Where the agent of a host keeps what it has: its own defaults.
struct UninstallOptions {
  std::filesystem::path bpf_dir = "/sys/fs/bpf/skiff";
  std::filesystem::path data_dir = "/var/lib/skiff/agent";
  std::filesystem::path run_dir = "/run/skiff";
  std::filesystem::path cni_conf_dir = "/etc/cni/net.d";
};

// Gives a host back as it was before skiff-agent ran there: programs at sockets and devices, maps,
// pod links, routes, kernel settings, CNI configuration, records. In the host's network namespace,
// after the agent has ended (FailedPrecondition while one runs with those pins).
// Idempotent; what fails does not keep the rest from going.
Status uninstall(const UninstallOptions& options);

}  // namespace skiff::cli
