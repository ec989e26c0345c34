// SPDX-License-Identifier: Apache-2.0
// Small text operations of the object model.
#pragma once

#include <string_view>
#include <vector>

namespace skiff::api {

// The parts between separators; one empty part for an empty text.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

inline std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Whether `value` is one of the parts.
inline bool is_one_of(std::string_view value, std::string_view comma_separated) {
  for (const std::string_view part : split(comma_separated, ','))
    if (part == value) return true;
  return false;
}

}  // namespace skiff::api
