// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/resource.h"

#include <algorithm>

#include "base/check.h"

namespace skiff::apiserver {

const Subresource* Resource::subresource(std::string_view name) const {
  const auto found = std::find_if(subresources.begin(), subresources.end(),
                                  [&](const Subresource& one) { return one.name == name; });
  return found == subresources.end() ? nullptr : &*found;
}

bool Resource::has_verb(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

Qualified Resource::qualified() const {
  return {kind->group, kind->plural};
}
Qualified Resource::qualified_kind() const {
  return {kind->group, kind->kind};
}

void Registry::add(Resource resource) {
  CHECK(resource.kind != nullptr && resource.strategy != nullptr);
  const api::Kind& kind = *resource.kind;
  if (resource.storage.empty()) resource.storage = kind.plural;
  Key key{kind.group, kind.version, kind.plural};
  resources_[std::move(key)] = std::make_shared<const Resource>(std::move(resource));
}

std::shared_ptr<const Resource> Registry::find(std::string_view group, std::string_view version,
                                               std::string_view plural) const {
  const auto found = resources_.find(Key{group, version, plural});
  return found == resources_.end() ? nullptr : found->second;
}

std::shared_ptr<const Resource> Registry::find_kind(std::string_view group,
                                                    std::string_view version,
                                                    std::string_view kind) const {
  for (const auto& [key, resource] : resources_)
    if (resource->kind->group == group && resource->kind->version == version &&
        resource->kind->kind == kind)
      return resource;
  return nullptr;
}

bool Registry::has_group_version(std::string_view group, std::string_view version) const {
  const auto found = resources_.lower_bound(Key{group, version, ""});
  return found != resources_.end() && std::get<0>(found->first) == group &&
         std::get<1>(found->first) == version;
}

}  // namespace skiff::apiserver
