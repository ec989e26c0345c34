// SPDX-License-Identifier: Apache-2.0
#include "api/field_errors.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/text.h"

namespace skiff::api {
namespace {

// As Go's %q for the texts that occur.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.append("\\").append(1, c);
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

void FieldErrors::add(std::string_view reason, std::string message) {
  errors_.push_back(
      {path_.to_string(FieldName::Keys::kBracketed), std::string(reason), std::move(message)});
}

void FieldErrors::required(std::string_view detail) {
  add("FieldValueRequired",
      detail.empty() ? "Required value" : fmt::format("Required value: {}", detail));
}

void FieldErrors::invalid_json(std::string_view json, std::string_view detail) {
  add("FieldValueInvalid", fmt::format("Invalid value: {}: {}", json, detail));
}

void FieldErrors::invalid(std::string_view value, std::string_view detail) {
  invalid_json(quoted(value), detail);
}

void FieldErrors::invalid(int64_t value, std::string_view detail) {
  invalid_json(std::to_string(value), detail);
}

void FieldErrors::not_supported(std::string_view value, std::string_view comma_separated_values) {
  std::vector<std::string> values;
  for (const std::string_view v : split(comma_separated_values, ',')) values.push_back(quoted(v));
  std::sort(values.begin(), values.end());
  add("FieldValueNotSupported", fmt::format("Unsupported value: {}: supported values: {}",
                                            quoted(value), fmt::join(values, ", ")));
}

void FieldErrors::duplicate_json(std::string_view json) {
  add("FieldValueDuplicate", fmt::format("Duplicate value: {}", json));
}

void FieldErrors::duplicate(std::string_view value) {
  duplicate_json(quoted(value));
}

void FieldErrors::not_found(std::string_view value) {
  add("FieldValueNotFound", fmt::format("Not found: {}", quoted(value)));
}

void FieldErrors::forbidden(std::string_view detail) {
  add("FieldValueForbidden", fmt::format("Forbidden: {}", detail));
}

void FieldErrors::too_long(size_t max_bytes) {
  add("FieldValueTooLong", fmt::format("Too long: may not be more than {} bytes", max_bytes));
}

void FieldErrors::too_many(size_t actual, size_t max) {
  add("FieldValueTooMany", fmt::format("Too many: {}: must have at most {} items", actual, max));
}

void FieldErrors::unless_empty(std::string_view value, std::string_view problem) {
  if (!problem.empty()) invalid(value, problem);
}

}  // namespace skiff::api
