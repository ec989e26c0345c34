// SPDX-License-Identifier: Apache-2.0
// What all groups share, in the shape of a group: the messages of the API itself, and the rules of
// metadata.
#include "api/discovery_documents.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/meta.h"
#include "api/rules.h"

namespace skiff::api::meta {
namespace {

constexpr Rule kRules[] = {
    rule<rules::object_meta>(),
    rule<rules::label_selector>(),
    rule<rules::label_selector_requirement>(),
};

}  // namespace

std::span<const Kind> kinds() {
  static const Kind all[] = {
      message<Status>(""),   message<DeleteOptions>(""), message<APIVersions>(""),
      message<APIGroup>(""), message<APIGroupList>(""),  message<APIResourceList>(""),
  };
  return all;
}

std::span<const DefaultHook> defaults() {
  return {};
}

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::meta
