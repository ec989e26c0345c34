// SPDX-License-Identifier: Apache-2.0
// `skiff services`: what the nodes of a cluster do with Services, read from their maps.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::cli {

// `node` empty: every node.
Status print_services(const std::string& cluster, const std::string& node);

}  // namespace skiff::cli
