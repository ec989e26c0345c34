// SPDX-License-Identifier: Apache-2.0
// `skiff services`: what the nodes of a cluster do with Services, read from their maps.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::cli {

struct ServicesOptions {
  std::string kubeconfig;
  std::string local;  // this local cluster: its maps are read, whether its agents run or not
  std::string node;   // empty: every node
};

Status print_services(const ServicesOptions& options);

}  // namespace skiff::cli
