// SPDX-License-Identifier: Apache-2.0
// The request line's target in both directions.
#pragma once

#include <string>
#include <string_view>

#include "base/http/message.h"

namespace skiff::http {

// Fills raw_target, path and query of `request`. The absolute form loses its scheme and authority.
void set_target(Request& request, std::string_view target);

// What a client sends: raw_target if it is set, else path and query, encoded.
std::string target_of(const Request& request);

}  // namespace skiff::http
