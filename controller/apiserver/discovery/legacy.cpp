// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/codec.h"
#include "api/discovery_documents.h"
#include "controller/apiserver/discovery/documents.h"

namespace skiff::discovery {
namespace {

using apiserver::Resource;
using apiserver::Subresource;

std::string group_version(std::string_view group, std::string_view version) {
  std::string name(group);
  if (!name.empty()) name += '/';
  return name.append(version);
}

template <class Range>
std::vector<std::string> strings(const Range& range) {
  return {range.begin(), range.end()};
}

api::APIGroup describe(const Group& group) {
  api::APIGroup out{.name = group.name};
  for (const Version& version : group.versions)
    out.versions.push_back({group_version(group.name, version.name), version.name});
  out.preferredVersion = out.versions.front();
  return out;
}

api::APIResource describe(const Resource& resource) {
  const api::Kind& kind = *resource.kind;
  return {.name = std::string(kind.plural),
          .namespaced = kind.namespaced,
          .kind = std::string(kind.kind),
          .verbs = resource.verbs,
          .shortNames = strings(kind.shortNames),
          .singularName = std::string(kind.singular),
          .categories = strings(kind.categories)};
}

api::APIResource describe(const Resource& resource, const Subresource& part) {
  const api::Kind& kind = *resource.kind;
  api::APIResource out{.name = std::string(kind.plural) + "/" + part.name,
                       .namespaced = kind.namespaced,
                       .kind = part.kind.empty() ? std::string(kind.kind) : part.kind,
                       .verbs = part.verbs};
  // Named only where it is not that of the list: clients look for policy/v1 behind pods/eviction.
  if (!part.kind.empty() && (part.group != kind.group || part.version != kind.version)) {
    out.group = part.group;
    out.version = part.version;
  }
  return out;
}

const Group* find_group(const std::vector<Group>& groups, std::string_view name) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const Group& group) { return group.name == name; });
  return found == groups.end() ? nullptr : &*found;
}

}  // namespace

std::string api_versions_document(std::string_view server) {
  return api::encode_json(api::APIVersions{
      .versions = {"v1"}, .serverAddressByClientCIDRs = {{"0.0.0.0/0", std::string(server)}}});
}

std::string group_list_document(const std::vector<Group>& groups) {
  api::APIGroupList list;
  for (const Group& group : groups)
    if (!group.name.empty()) list.groups.push_back(describe(group));
  return api::encode_json(list);
}

std::optional<std::string> group_document(const std::vector<Group>& groups, std::string_view name) {
  const Group* group = find_group(groups, name);
  if (group == nullptr || name.empty()) return std::nullopt;
  return api::encode_json(describe(*group));
}

std::optional<std::string> resource_list_document(const std::vector<Group>& groups,
                                                  std::string_view group_name,
                                                  std::string_view version_name) {
  const Group* group = find_group(groups, group_name);
  if (group == nullptr) return std::nullopt;
  for (const Version& version : group->versions) {
    if (version.name != version_name) continue;
    api::APIResourceList list{.groupVersion = group_version(group_name, version_name)};
    for (const auto& resource : version.resources) {
      list.resources.push_back(describe(*resource));
      for (const Subresource& part : resource->subresources)
        list.resources.push_back(describe(*resource, part));
    }
    return api::encode_json(list);
  }
  return std::nullopt;
}

std::string paths_document(const std::vector<Group>& groups) {
  std::vector<std::string> paths = {"/.well-known/openid-configuration",
                                    "/api",
                                    "/apis",
                                    "/healthz",
                                    "/healthz/ping",
                                    "/healthz/store",
                                    "/livez",
                                    "/livez/ping",
                                    "/livez/store",
                                    "/metrics",
                                    "/openapi/v2",
                                    "/openapi/v3",
                                    "/openapi/v3/",
                                    "/openid/v1/jwks",
                                    "/readyz",
                                    "/readyz/ping",
                                    "/readyz/store",
                                    "/version"};
  for (const Group& group : groups) {
    const std::string base = group.name.empty() ? "/api" : "/apis/" + group.name;
    paths.push_back(base);
    for (const Version& version : group.versions) paths.push_back(base + "/" + version.name);
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::string out;
  for (const std::string& path : paths) out += (out.empty() ? "{\"paths\":[\"" : "\",\"") + path;
  return out + "\"]}";
}

}  // namespace skiff::discovery
