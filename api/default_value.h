// SPDX-License-Identifier: Apache-2.0
// A value where there is none, for the default hooks of the groups.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skiff::api {

inline void set(std::string& field, std::string_view value) {
  if (field.empty()) field = value;
}
inline void set(int32_t& field, int32_t value) {
  if (field == 0) field = value;
}
template <class T, class V>
void set(std::optional<T>& field, V value) {
  if (!field) field = T(value);
}

}  // namespace skiff::api
