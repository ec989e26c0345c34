// SPDX-License-Identifier: Apache-2.0
// How the algorithms over documents walk them: which form a value has under its Shape, and how its
// parts are called.
#pragma once

#include <boost/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/fields/shape.h"

namespace skiff::api::structured {

using Value = boost::json::value;

// The value called `name`, or null; a JSON null is nothing.
const Value* member_of(const Value* object, std::string_view name);

// How to walk `a` and `b` (one of them may be null): a value whose kind is not that of its shape is
// a leaf, like an atomic container.
Shape::Node form_of(const Shape& shape, const Value* a, const Value* b = nullptr);

// The shape of the member `name` of a struct or map.
Shape shape_of_member(const Shape& shape, std::string_view name);

std::string field_element(std::string_view name);
// How the entries of a list that is not atomic are called.
class EntryNames {
 public:
  explicit EntryNames(const Shape& list);
  // Empty if the entry lacks every key.
  std::string operator()(const Value& entry) const;

 private:
  std::vector<std::pair<std::string_view, Value>> keys_;  // with their defaults, or null
  bool is_set_;
};

// The entries of a list by their element, in order; those that occur twice have one row.
struct Entries {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const Value*>, std::less<>> by_element;

  Entries(const Shape& list, const Value* value);
  const std::vector<const Value*>* find(std::string_view element) const;
};

}  // namespace skiff::api::structured
