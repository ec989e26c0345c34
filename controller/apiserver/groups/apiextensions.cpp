// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/definition.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_apiextensions(Registry& registry, const Parts&) {
  Resource definitions = with_status(row<api::CustomResourceDefinition>());
  definitions.unconditional_update = false;
  registry.add(std::move(definitions));
}

}  // namespace skiff::apiserver
