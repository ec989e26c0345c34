// SPDX-License-Identifier: Apache-2.0
// The pieces of JSON output that more than one writer needs.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace skiff::api {

// Appends `text` in double quotes, escaped.
void write_json_string(std::string_view text, std::string& out);

// The shortest text that reads back as the same number.
template <class T>
void write_json_number(T number, std::string& out) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, result.ptr);
}

// Valid JSON without the space between its tokens.
std::string compact_json(std::string_view json);

}  // namespace skiff::api
