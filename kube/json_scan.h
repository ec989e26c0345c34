// SPDX-License-Identifier: Apache-2.0
// Cuts JSON text into parts without decoding them: a watch event into type and object, a list into
// its items. The parts are decoded by api/codec.h; here only strings, brackets and commas count.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skiff::kube {

// The text of member `name` of the object `json`; nothing if it is absent or `json` is not an
// object.
std::optional<std::string_view> json_member(std::string_view json, std::string_view name);

// The texts of the elements of the array `json`; empty if it is null or no array.
std::vector<std::string_view> json_elements(std::string_view json);

// The content of a JSON string without escapes, or nothing.
std::optional<std::string_view> json_plain_string(std::string_view json);

// The decoded content of any JSON string, or nothing. Surrogate pairs are joined; a lone one
// becomes U+FFFD.
std::optional<std::string> json_string(std::string_view json);

}  // namespace skiff::kube
