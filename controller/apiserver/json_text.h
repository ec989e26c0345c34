// SPDX-License-Identifier: Apache-2.0
// Writing small JSON by hand: the envelopes around stored objects.
#pragma once

#include <string>
#include <string_view>

namespace skiff::apiserver {

// Appends `text` as a JSON string, quotes included.
void append_quoted(std::string& out, std::string_view text);
std::string json_quoted(std::string_view text);

// Appends `"name":"value"` with a comma before it unless `out` ends in an opening bracket. Nothing
// if `value` is empty.
void append_member(std::string& out, std::string_view name, std::string_view value);
// The same with `json` as it is.
void append_raw_member(std::string& out, std::string_view name, std::string_view json);

}  // namespace skiff::apiserver
