// SPDX-License-Identifier: Apache-2.0
// What the rules of all groups share (their tables: group.h). The path of `errors` is the value
// that is checked.
#pragma once

#include "api/codec.h"
#include "api/field_errors.h"
#include "api/kind.h"
#include "api/meta.h"

namespace skiff::api::rules {

// Calls `check(element)` for each element, with the path at `name[i]`.
template <class List, class Check>
void each(FieldErrors& errors, std::string_view name, const List& list, Check&& check) {
  const auto field = errors.at(name);
  for (size_t i = 0; i < list.size(); ++i) {
    const auto element = errors.at(i);
    check(list[i]);
  }
}

// Calls `check()` at the field called `name`.
template <class Check>
void at(FieldErrors& errors, std::string_view name, Check&& check) {
  const auto field = errors.at(name);
  check();
}

// A value that is there must be a good name.
inline void name_at(FieldErrors& errors, std::string_view field, std::string_view value,
                    std::string (*problem)(std::string_view)) {
  if (value.empty()) return;
  const auto scope = errors.at(field);
  errors.unless_empty(value, problem(value));
}

// Metadata (validation_metadata.cpp). The first is called for every stored kind.
void object_name(const Kind& kind, const ObjectMeta& metadata, FieldErrors& errors);
void object_meta(const ObjectMeta& metadata, FieldErrors& errors);
void object_meta_update(const ObjectMeta& metadata, const ObjectMeta& old, FieldErrors& errors);
void labels(const std::map<std::string, std::string>& labels, FieldErrors& errors);
void label_selector(const LabelSelector& selector, FieldErrors& errors);
void label_selector_requirement(const LabelSelectorRequirement& requirement, FieldErrors& errors);

}  // namespace skiff::api::rules
