// SPDX-License-Identifier: Apache-2.0
// All groups, and what is known of a type across them.
#pragma once

#include <span>
#include <vector>

#include "api/group.h"

// What each folder of api/ defines in its namespace (kinds.cpp, defaults.cpp, validation.cpp); an
// empty span where it has nothing.
#define SKIFF_API_GROUP(folder)            \
  namespace folder {                       \
  std::span<const Kind> kinds();           \
  std::span<const DefaultHook> defaults(); \
  std::span<const Rule> rules();           \
  std::span<const UpdateRule> updates();   \
  }

namespace skiff::api {

SKIFF_API_GROUP(meta)  // what all groups share
SKIFF_API_GROUP(core)
SKIFF_API_GROUP(apps)
SKIFF_API_GROUP(batch)
SKIFF_API_GROUP(autoscaling)
SKIFF_API_GROUP(policy)
SKIFF_API_GROUP(networking)
SKIFF_API_GROUP(discovery)
SKIFF_API_GROUP(events)
SKIFF_API_GROUP(coordination)
SKIFF_API_GROUP(node)
SKIFF_API_GROUP(scheduling)
SKIFF_API_GROUP(rbac)
SKIFF_API_GROUP(authentication)
SKIFF_API_GROUP(authorization)
SKIFF_API_GROUP(certificates)
SKIFF_API_GROUP(storage)
SKIFF_API_GROUP(resource)
SKIFF_API_GROUP(admissionregistration)
SKIFF_API_GROUP(apiextensions)
SKIFF_API_GROUP(apiregistration)
SKIFF_API_GROUP(flowcontrol)
SKIFF_API_GROUP(metrics)

std::span<const Group> groups();

// The hooks and rules of one type. Mostly there are none.
struct TypeRules {
  std::vector<const DefaultHook*> defaults;
  std::vector<const Rule*> rules;
  std::vector<const UpdateRule*> updates;
};
// Null: there are none.
const TypeRules* rules_of(const TypeInfo& type);

}  // namespace skiff::api

#undef SKIFF_API_GROUP
