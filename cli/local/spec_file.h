// SPDX-License-Identifier: Apache-2.0
// cluster.json: what `up` decided, for every later command.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

std::string encode(const ClusterSpec& spec);
Result<ClusterSpec> decode_spec(std::string_view text);

// NOT_FOUND: there is no such cluster.
Result<ClusterSpec> load_spec(const std::string& name);

}  // namespace skiff::cli
