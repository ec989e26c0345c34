// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/groups/rows.h"

#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

const std::shared_ptr<const Strategy>& plain() {
  static const auto strategy = std::make_shared<const Strategy>();
  return strategy;
}

const std::vector<std::string> kPartVerbs = {"get", "patch", "update"};

}  // namespace

Resource stored_row(const api::Kind& kind) {
  return {.kind = &kind, .strategy = plain()};
}

Resource question_row(const api::Kind& kind) {
  auto strategy = review_strategy(*kind.type);
  return {.kind = &kind,
          .verbs = {"create"},
          .strategy = strategy != nullptr ? std::move(strategy) : plain(),
          .stored = false};
}

Resource with_status(Resource resource) {
  resource.subresources.push_back(status_part());
  resource.tracks_generation = true;
  return resource;
}

Subresource status_part() {
  return {.name = "status", .verbs = kPartVerbs};
}

Subresource scale_part() {
  return {.name = "scale",
          .verbs = kPartVerbs,
          .group = "autoscaling",
          .version = "v1",
          .kind = "Scale"};
}

Subresource create_part(std::string name, const api::Kind& body) {
  return {.name = std::move(name),
          .verbs = {"create"},
          .group = body.group,
          .version = body.version,
          .kind = body.kind};
}

Subresource stream_part(std::string name, std::string kind) {
  return {.name = std::move(name),
          .verbs = {"create", "get"},
          .version = "v1",
          .kind = std::move(kind)};
}

SelectableField selectable(std::string path, std::string absent) {
  return {.label = path, .path = path, .absent = std::move(absent)};
}

}  // namespace skiff::apiserver
