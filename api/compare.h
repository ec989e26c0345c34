// SPDX-License-Identifier: Apache-2.0
// Equality over the field tables. Absent and empty are the same, as they are in the JSON;
// quantities compare by value.
#pragma once

#include <string>
#include <vector>

#include "api/describe.h"

namespace skiff::api {

bool equal(const TypeInfo& type, const void* a, const void* b);

template <class T>
bool equal(const T& a, const T& b) {
  return equal(type_of<T>(), &a, &b);
}

// Where `a` and `b` differ, outermost first, at most `limit` field paths.
std::vector<std::string> differences(const TypeInfo& type, const void* a, const void* b,
                                     size_t limit = 10);

template <class T>
std::vector<std::string> differences(const T& a, const T& b) {
  return differences(type_of<T>(), &a, &b);
}

}  // namespace skiff::api
