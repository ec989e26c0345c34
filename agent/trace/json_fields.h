// SPDX-License-Identifier: Apache-2.0
// Fields of JSON objects that others have written: what is not there, or of another kind, is empty.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace skiff::trace {

inline std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

template <class T>
T number_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  boost::system::error_code error;
  return value == nullptr ? T() : value->to_number<T>(error);
}

}  // namespace skiff::trace
