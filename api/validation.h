// SPDX-License-Identifier: Apache-2.0
// Validation of what users write: metadata (names, labels, owners), what the tables say (required,
// enumerations, ranges, immutable fields), and the rules of each kind, all in Kubernetes' words.
// What needs more than the object itself (is the address taken, does the namespace exist) belongs
// to the API server. Status is not looked at. Expects defaults to be set.
#pragma once

#include <string>
#include <vector>

#include "api/any_object.h"
#include "api/field_errors.h"

namespace skiff::api {

// Everything wrong with `object`, in order of the fields.
std::vector<FieldError> validate(const Kind& kind, const void* object);
// The same, and every change from `old` that is not allowed through the main resource (a binding, a
// resize, a status write change more: use validate() for those).
std::vector<FieldError> validate_update(const Kind& kind, const void* object, const void* old);

template <class T>
std::vector<FieldError> validate(const T& object) {
  return validate(kind_of<T>(), &object);
}
template <class T>
std::vector<FieldError> validate_update(const T& object, const T& old) {
  return validate_update(kind_of<T>(), &object, &old);
}

}  // namespace skiff::api
