// SPDX-License-Identifier: Apache-2.0
// apidiscovery.k8s.io: all of /api or /apis in one document, for kubectl 1.26 and later.
#include "controller/apiserver/discovery/documents.h"
#include "controller/apiserver/json_text.h"

namespace skiff::discovery {
namespace {

using apiserver::append_member;
using apiserver::append_raw_member;
using apiserver::json_quoted;
using apiserver::Resource;
using apiserver::Subresource;

template <class Range, class Describe>
std::string array(const Range& range, Describe describe) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out += ',';
    out += describe(item);
  }
  return out + "]";
}

template <class Range>
std::string names(const Range& range) {
  return array(range, [](std::string_view name) { return json_quoted(name); });
}

std::string kind_object(std::string_view group, std::string_view version, std::string_view kind) {
  std::string out = R"({"group":)" + json_quoted(group);
  append_member(out, "version", version);
  append_member(out, "kind", kind);
  return out + "}";
}

std::string describe(const Resource& resource, const Subresource& part) {
  const api::Kind& kind = *resource.kind;
  std::string out = "{";
  append_member(out, "subresource", part.name);
  append_raw_member(out, "responseKind",
                    part.kind.empty() ? kind_object(kind.group, kind.version, kind.kind)
                                      : kind_object(part.group, part.version, part.kind));
  append_raw_member(out, "verbs", names(part.verbs));
  return out + "}";
}

std::string describe(const Resource& resource) {
  const api::Kind& kind = *resource.kind;
  std::string out = "{";
  append_member(out, "resource", kind.plural);
  append_raw_member(out, "responseKind", kind_object(kind.group, kind.version, kind.kind));
  append_member(out, "scope", kind.namespaced ? "Namespaced" : "Cluster");
  append_member(out, "singularResource", kind.singular);
  append_raw_member(out, "verbs", names(resource.verbs));
  if (!kind.shortNames.empty()) append_raw_member(out, "shortNames", names(kind.shortNames));
  if (!kind.categories.empty()) append_raw_member(out, "categories", names(kind.categories));
  if (!resource.subresources.empty())
    append_raw_member(out, "subresources",
                      array(resource.subresources,
                            [&](const Subresource& part) { return describe(resource, part); }));
  return out + "}";
}

std::string describe(const Version& version) {
  std::string out = "{";
  append_member(out, "version", version.name);
  append_raw_member(out, "resources",
                    array(version.resources, [](const auto& row) { return describe(*row); }));
  append_member(out, "freshness", "Current");
  return out + "}";
}

std::string describe(const Group& group) {
  std::string out = group.name.empty() ? R"({"metadata":{})"
                                       : R"({"metadata":{"name":)" + json_quoted(group.name) + "}";
  append_raw_member(out, "versions", array(group.versions, [](const Version& version) {
                      return describe(version);
                    }));
  return out + "}";
}

}  // namespace

std::string aggregated_document(const std::vector<Group>& groups, bool core,
                                std::string_view api_version) {
  std::vector<Group> shown;
  for (const Group& group : groups)
    if (group.name.empty() == core) shown.push_back(group);
  std::string out = R"({"kind":"APIGroupDiscoveryList")";
  append_member(out, "apiVersion", "apidiscovery.k8s.io/" + std::string(api_version));
  append_raw_member(out, "metadata", "{}");
  append_raw_member(out, "items", array(shown, [](const Group& group) { return describe(group); }));
  return out + "}";
}

}  // namespace skiff::discovery
