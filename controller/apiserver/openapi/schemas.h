// SPDX-License-Identifier: Apache-2.0
// Schemas from field tables.
#pragma once

#include <boost/json.hpp>

#include <map>
#include <string>

#include "api/kind.h"

namespace skiff::openapi {

namespace json = boost::json;

// OpenAPI v2 and v3 say the same in slightly different words.
enum class Dialect : uint8_t { kV2, kV3 };

// `boost::json` has a string_view of its own.
inline json::value text(std::string_view value) {
  return json::value(json::string_view(value.data(), value.size()));
}
inline json::string_view key(std::string_view name) {
  return {name.data(), name.size()};
}

// {"$ref": …} of a definition.
json::object reference(Dialect dialect, std::string_view definition);
json::object gvk(std::string_view group, std::string_view version, std::string_view kind);

// A set of definitions that is closed: whatever one of them refers to is in it.
class Schemas {
 public:
  explicit Schemas(Dialect dialect) : dialect_(dialect) {}

  // Adds `type` and all that it refers to. Returns its name.
  std::string add(const api::TypeInfo& type);
  // Adds the list of a kind, and the kind.
  std::string add_list(const api::Kind& kind);
  // Adds the body of PATCH requests.
  std::string add_patch();

  // By name.
  json::object finish() &&;

 private:
  json::object schema_of(const api::TypeInfo& type);
  json::object struct_schema(const api::TypeInfo& type);
  json::object scalar_schema(const api::TypeInfo& type) const;
  json::object property(const api::FieldInfo& field);
  json::object value_schema(const api::TypeInfo& type);

  Dialect dialect_;
  std::map<std::string, json::object> definitions_;
};

}  // namespace skiff::openapi
