// SPDX-License-Identifier: Apache-2.0
// The discovery documents, built from the table of resources. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/apiserver/resource.h"

namespace skiff::discovery {

// One version of a group; the resources in order of their plurals.
struct Version {
  std::string name;
  std::vector<std::shared_ptr<const apiserver::Resource>> resources;
};

// One API group, the preferred version first.
struct Group {
  std::string name;  // "" for core
  std::vector<Version> versions;
};

// Every group in the order in which clients resolve names that occur in several of them: core,
// then as Kubernetes orders its own, then by name.
std::vector<Group> groups(const apiserver::Registry& registry);

// `v1` before `v2beta1` before `v1beta1` before `v1alpha1` before anything else; higher numbers
// first.
bool version_before(std::string_view a, std::string_view b);

// The first form of discovery: one small document a group and one a version. `server` is the
// address at which the client reached us. Nothing if there is no such group or version.
std::string api_versions_document(std::string_view server);                  // /api
std::string group_list_document(const std::vector<Group>& groups);           // /apis
std::optional<std::string> group_document(const std::vector<Group>& groups,  // /apis/G
                                          std::string_view group);
std::optional<std::string> resource_list_document(const std::vector<Group>& groups,  // /apis/G/V
                                                  std::string_view group, std::string_view version);

// The second form: everything of /api, or of /apis, in one. `api_version` is that of the document:
// v2 or v2beta1.
std::string aggregated_document(const std::vector<Group>& groups, bool core,
                                std::string_view api_version);

// What stands at `/`.
std::string paths_document(const std::vector<Group>& groups);

}  // namespace skiff::discovery
