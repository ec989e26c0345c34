// SPDX-License-Identifier: Apache-2.0
// The kinds: their names on the wire, their scope, their type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/describe.h"
#include "api/names.h"

namespace skiff::api {

// How the API server deals with a kind.
enum class Serving : uint8_t {
  kTypeOnly,  // a message, a subresource, or a kind not served yet
  kVirtual,   // a resource that is answered but never stored
  kStored,    // a resource with all verbs
};

// One kind. Those of the tables live as long as the program, those of custom resources as long as
// somebody holds them.
struct Kind {
  std::string group;  // "" for core
  std::string version;
  std::string kind;
  std::string listKind;
  std::string plural;  // empty if it is no resource
  std::string singular;
  bool namespaced = false;
  std::vector<std::string> shortNames;
  std::vector<std::string> categories;
  const TypeInfo* type = nullptr;
  Serving serving = Serving::kStored;
  // Another version, or another group, of a kind that is stored as that one (autoscaling/v1):
  // whoever goes through all objects leaves it out.
  bool alias = false;
  // What is wrong with a name, or "".
  std::string (*check_name)(std::string_view) = check_dns1123_subdomain;

  // `v1`, `apps/v1`.
  std::string api_version() const;
  // `pods`, `deployments.apps`: how messages name the resource.
  std::string resource() const;
  bool has_status() const { return type->field("status") != nullptr; }
};

// Every kind of the tables (groups.h), served or not.
std::span<const Kind* const> all_kinds();

// The kind by its names, or null.
const Kind* find_kind(std::string_view group, std::string_view version, std::string_view kind);
// `api_version` as in an object: `v1`, `apps/v1`.
const Kind* find_kind(std::string_view api_version, std::string_view kind);
// The served resource by its plural, or null.
const Kind* find_resource(std::string_view group, std::string_view version,
                          std::string_view plural);
// The kind whose objects have this type, or null (a part of an object).
const Kind* find_kind(const TypeInfo& type);

// The kind of T; T must be in the table.
const Kind& kind_of(const TypeInfo& type);
template <class T>
const Kind& kind_of() {
  static const Kind& kind = kind_of(type_of<T>());
  return kind;
}

}  // namespace skiff::api
