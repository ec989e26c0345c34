// SPDX-License-Identifier: Apache-2.0
// What one folder of api/ (one API group) contributes: its kinds, and what is particular to its
// types. Found by type wherever the type occurs, whatever group the object around it is of.
#pragma once

#include <span>

#include "api/describe.h"
#include "api/field_errors.h"
#include "api/kind.h"

namespace skiff::api {

// Fills in what a value of `type` leaves out. Outer values come first.
struct DefaultHook {
  const TypeInfo* type;
  void (*apply)(void*);
};

// What must hold for a value of `type`; the path of the errors is the value itself.
struct Rule {
  const TypeInfo* type;
  void (*check)(const void*, FieldErrors&);
};

// What must hold for a change from `old`; `type` is that of a kind, the values are whole objects.
struct UpdateRule {
  const TypeInfo* type;
  void (*check)(const void* now, const void* old, FieldErrors&);
};

struct Group {
  std::span<const Kind> kinds;
  std::span<const DefaultHook> defaults;
  std::span<const Rule> rules;
  std::span<const UpdateRule> updates;
};

namespace detail {

template <auto apply, class T>
constexpr DefaultHook default_hook_of(void (*)(T&)) {
  return {&Describe<T>::type, [](void* value) { apply(*static_cast<T*>(value)); }};
}
template <auto check, class T>
constexpr Rule rule_of(void (*)(const T&, FieldErrors&)) {
  return {&Describe<T>::type, [](const void* value, FieldErrors& errors) {
            check(*static_cast<const T*>(value), errors);
          }};
}
template <auto check, class T>
constexpr UpdateRule update_rule_of(void (*)(const T&, const T&, FieldErrors&)) {
  return {&Describe<T>::type, [](const void* now, const void* old, FieldErrors& errors) {
            check(*static_cast<const T*>(now), *static_cast<const T*>(old), errors);
          }};
}

}  // namespace detail

// Rows of the tables, from `void apply(T&)`, `void check(const T&, FieldErrors&)` and
// `void check(const T& now, const T& old, FieldErrors&)`.
template <auto apply>
constexpr DefaultHook default_hook() {
  return detail::default_hook_of<apply>(apply);
}
template <auto check>
constexpr Rule rule() {
  return detail::rule_of<check>(check);
}
template <auto check>
constexpr UpdateRule update_rule() {
  return detail::update_rule_of<check>(check);
}

}  // namespace skiff::api
