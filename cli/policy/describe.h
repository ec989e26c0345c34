// SPDX-License-Identifier: Apache-2.0
// The words of `skiff policy`.
#pragma once

#include <string>
#include <vector>

#include "agent/datapath/maps.h"
#include "api/core/pod.h"

namespace skiff::cli {

// What `maps`, those of the node of `pod`, let it do. `pods` give addresses their names.
Result<std::vector<std::string>> describe_policy(const datapath::Maps& maps, const api::Pod& pod,
                                                 const std::vector<api::Pod>& pods);

}  // namespace skiff::cli
