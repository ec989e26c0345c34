// SPDX-License-Identifier: Apache-2.0
// `skiff policy POD`: which rules are in force for a pod, read from the maps of its node.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::cli {

// `pod`: NAME or NAMESPACE/NAME.
Status print_policy(const std::string& cluster, const std::string& pod);

}  // namespace skiff::cli
