// SPDX-License-Identifier: Apache-2.0
#include "api/kind.h"

#include <fmt/format.h>

#include <unordered_map>

#include "api/groups.h"
#include "base/check.h"

namespace skiff::api {

std::string Kind::api_version() const {
  return group.empty() ? version : fmt::format("{}/{}", group, version);
}

std::string Kind::resource() const {
  return group.empty() ? plural : fmt::format("{}.{}", plural, group);
}

std::span<const Kind* const> all_kinds() {
  static const std::vector<const Kind*> all = [] {
    std::vector<const Kind*> kinds;
    for (const Group& group : groups())
      for (const Kind& kind : group.kinds) kinds.push_back(&kind);
    return kinds;
  }();
  return all;
}

const Kind* find_kind(std::string_view group, std::string_view version, std::string_view kind) {
  for (const Kind* k : all_kinds())
    if (k->kind == kind && k->group == group && k->version == version) return k;
  return nullptr;
}

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return find_kind("", api_version, kind);
  return find_kind(api_version.substr(0, slash), api_version.substr(slash + 1), kind);
}

const Kind* find_resource(std::string_view group, std::string_view version,
                          std::string_view plural) {
  for (const Kind* k : all_kinds())
    if (k->plural == plural && k->group == group && k->version == version &&
        k->serving != Serving::kTypeOnly)
      return k;
  return nullptr;
}

const Kind* find_kind(const TypeInfo& type) {
  static const std::unordered_map<const TypeInfo*, const Kind*> by_type = [] {
    std::unordered_map<const TypeInfo*, const Kind*> kinds;
    for (const Kind* kind : all_kinds()) kinds.emplace(kind->type, kind);
    return kinds;
  }();
  const auto found = by_type.find(&type);
  return found == by_type.end() ? nullptr : found->second;
}

const Kind& kind_of(const TypeInfo& type) {
  const Kind* kind = find_kind(type);
  CHECK(kind != nullptr);
  return *kind;
}

}  // namespace skiff::api
