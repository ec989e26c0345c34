// SPDX-License-Identifier: Apache-2.0
// FieldSet: a set of paths into an object, as managedFields holds it (FieldsV1, KEP-555).
#pragma once

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::api {

// A tree of path elements. An element is written as in FieldsV1: `f:NAME` a field or a map's key,
// `k:{"name":"c"}` the entry of a list that has these keys, `v:VALUE` a member of a set, `i:N` the
// N-th of a list.
struct FieldSet {
  bool member = false;  // this path itself is in the set, not only some below it
  std::map<std::string, FieldSet, std::less<>> children;

  bool empty() const { return !member && children.empty(); }
  bool operator==(const FieldSet&) const = default;

  // Puts `child` below this path, unless it is empty.
  void attach(std::string element, FieldSet child);
  // A path of fields, as {"metadata", "name"}.
  static FieldSet of(std::initializer_list<std::string_view> fields);
};

FieldSet unite(FieldSet a, const FieldSet& b);
FieldSet intersect(const FieldSet& a, const FieldSet& b);
// The paths of `a` that are not in `b`.
FieldSet subtract(const FieldSet& a, const FieldSet& b);
// The paths of `a` that are not in `b`, nor below one of `b`.
FieldSet subtract_below(const FieldSet& a, const FieldSet& b);

// INVALID_ARGUMENT for what is not FieldsV1.
Result<FieldSet> parse_fields_v1(std::string_view json);
std::string fields_v1(const FieldSet& set);

// Each path as messages show it: `.spec.containers[name="c"].image`.
std::vector<std::string> paths_of(const FieldSet& set);

}  // namespace skiff::api
