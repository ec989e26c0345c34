// SPDX-License-Identifier: Apache-2.0
// cluster.json: what `up` decided, for every later command.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

std::string encode(const ClusterSpec& spec);
Result<ClusterSpec> decode_spec(std::string_view text);

// NOT_FOUND: there is no such cluster.
Result<ClusterSpec> load_spec(const std::string& name);

// Of the clusters that have such a file, whatever is in it; sorted. What a run left that was killed
// before it had one is found by the cluster's name (teardown.h), and needs nothing of the machine.
std::vector<std::string> cluster_names(const std::filesystem::path& root = kDataRoot);

}  // namespace skiff::cli
