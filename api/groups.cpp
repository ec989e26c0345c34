// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

#include <unordered_map>

// One row of the list of groups.
#define SKIFF_API_GROUP(folder)                                             \
  Group {                                                                   \
    folder::kinds(), folder::defaults(), folder::rules(), folder::updates() \
  }

namespace skiff::api {
namespace {

using RulesByType = std::unordered_map<const TypeInfo*, TypeRules>;

RulesByType collect() {
  RulesByType all;
  for (const Group& group : groups()) {
    for (const DefaultHook& hook : group.defaults) all[hook.type].defaults.push_back(&hook);
    for (const Rule& rule : group.rules) all[rule.type].rules.push_back(&rule);
    for (const UpdateRule& rule : group.updates) all[rule.type].updates.push_back(&rule);
  }
  return all;
}

}  // namespace

std::span<const Group> groups() {
  static const Group all[] = {
      SKIFF_API_GROUP(meta),
      SKIFF_API_GROUP(core),
      SKIFF_API_GROUP(apps),
      SKIFF_API_GROUP(batch),
      SKIFF_API_GROUP(autoscaling),
      SKIFF_API_GROUP(policy),
      SKIFF_API_GROUP(networking),
      SKIFF_API_GROUP(discovery),
      SKIFF_API_GROUP(events),
      SKIFF_API_GROUP(coordination),
      SKIFF_API_GROUP(node),
      SKIFF_API_GROUP(scheduling),
      SKIFF_API_GROUP(rbac),
      SKIFF_API_GROUP(authentication),
      SKIFF_API_GROUP(authorization),
      SKIFF_API_GROUP(certificates),
      SKIFF_API_GROUP(storage),
      SKIFF_API_GROUP(resource),
      SKIFF_API_GROUP(admissionregistration),
      SKIFF_API_GROUP(apiextensions),
      SKIFF_API_GROUP(apiregistration),
      SKIFF_API_GROUP(flowcontrol),
      SKIFF_API_GROUP(metrics),
  };
  return all;
}

const TypeRules* rules_of(const TypeInfo& type) {
  static const RulesByType all = collect();
  const auto found = all.find(&type);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace skiff::api
