// SPDX-License-Identifier: Apache-2.0
// Which cluster a command is about: a local one by its name, or any by its kubeconfig.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "base/result.h"

namespace skiff::cli {

struct ClusterChoice {
  std::string name;        // of a local cluster
  std::string kubeconfig;  // of any
};

void add_cluster_options(CLI::App& command, ClusterChoice& choice);

// Turns what was said into one of both. In this order: --kubeconfig, --name, $KUBECONFIG, the local
// cluster called `local` if there is one, kubectl's own file.
struct Cluster {
  std::string local;  // empty: not a local one
  std::string kubeconfig;
};
Result<Cluster> resolve(const ClusterChoice& choice);

}  // namespace skiff::cli
