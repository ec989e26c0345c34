// SPDX-License-Identifier: Apache-2.0
// FieldErrors: a list of what is wrong with an object, with the path of each field, in Kubernetes'
// words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/field_name.h"

namespace skiff::api {

// One cause of a 422 answer.
struct FieldError {
  std::string field;    // `spec.containers[0].name`
  std::string reason;   // `FieldValueRequired`
  std::string message;  // `Required value: must be given`, without the field

  // `spec.containers[0].name: Required value: must be given`.
  std::string to_string() const { return field.empty() ? message : field + ": " + message; }
};

// Collects errors at the field that the walk has reached.
class FieldErrors {
 public:
  // One step down, for as long as the result lives.
  [[nodiscard]] FieldName::Scope at(std::string_view name) { return {path_, name}; }
  [[nodiscard]] FieldName::Scope at(size_t index) { return {path_, static_cast<int>(index)}; }
  [[nodiscard]] FieldName::Scope at_key(std::string_view key) {
    return {path_, FieldName::Key{key}};
  }
  FieldName& path() { return path_; }

  void required(std::string_view detail = {});
  // `value` is shown in quotes, a number as it is, a document (JSON text) as it is.
  void invalid(std::string_view value, std::string_view detail);
  void invalid(int64_t value, std::string_view detail);
  void invalid_json(std::string_view json, std::string_view detail);
  void not_supported(std::string_view value, std::string_view comma_separated_values);
  void duplicate(std::string_view value);
  void duplicate_json(std::string_view json);
  void not_found(std::string_view value);
  void forbidden(std::string_view detail);
  void too_long(size_t max_bytes);
  void too_many(size_t actual, size_t max);
  // As invalid(), unless `problem` is empty (the checks of names.h return such).
  void unless_empty(std::string_view value, std::string_view problem);

  const std::vector<FieldError>& list() const { return errors_; }
  std::vector<FieldError> take() { return std::move(errors_); }

 private:
  void add(std::string_view reason, std::string message);

  FieldName path_;
  std::vector<FieldError> errors_;
};

}  // namespace skiff::api
