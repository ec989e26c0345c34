// SPDX-License-Identifier: Apache-2.0
// JSON to and from typed objects, driven by the field tables. Output is compact, fields in table
// order, as Kubernetes writes them: empty fields left out, unless they are required, structs, or
// set optionals. For a JSON document (patches), go through text: boost::json::serialize / parse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/describe.h"
#include "api/kind.h"
#include "base/result.h"

namespace skiff::api {

// What a decoder may overlook but strict field validation must not, in document order and in
// Kubernetes' words: `unknown field "spec.x"`, `duplicate field "spec.containers[0].y"`. The last
// one of duplicates wins.
struct DecodeReport {
  std::vector<std::string> problems;
};

// Nesting beyond this is refused.
inline constexpr int kMaxDepth = 200;

// Reads `json` into the default-valued `*into` of `type`. Errors name line and column (malformed
// JSON) or the field
// (`spec.replicas: expected integer, got string`); `*into` is then half filled.
skiff::Status decode(const TypeInfo& type, void* into, std::string_view json,
                     DecodeReport* report = nullptr);

// Appends the JSON of `object`. The second form begins with apiVersion and kind.
void encode(const TypeInfo& type, const void* object, std::string& out);
void encode(const Kind& kind, const void* object, std::string& out);

template <class T>
Result<T> decode_json(std::string_view json, DecodeReport* report = nullptr) {
  T object{};
  RETURN_IF_ERROR(decode(type_of<T>(), &object, json, report));
  return object;
}

// With apiVersion and kind if T is a kind.
template <class T>
std::string encode_json(const T& object) {
  std::string out;
  if (const Kind* kind = find_kind(type_of<T>()))
    encode(*kind, &object, out);
  else
    encode(type_of<T>(), &object, out);
  return out;
}

// The apiVersion and kind that `json` claims, empty where absent. Reads no further than it must.
struct TypeNames {
  std::string apiVersion;
  std::string kind;
};
Result<TypeNames> peek_type(std::string_view json);

}  // namespace skiff::api
