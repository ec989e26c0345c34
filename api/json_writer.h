// SPDX-License-Identifier: Apache-2.0
// The pieces of JSON output that more than one writer needs.
#pragma once

#include <string>
#include <string_view>

namespace skiff::api {

// Appends `text` in double quotes, escaped.
void write_json_string(std::string_view text, std::string& out);

// Valid JSON without the space between its tokens.
std::string compact_json(std::string_view json);

}  // namespace skiff::api
