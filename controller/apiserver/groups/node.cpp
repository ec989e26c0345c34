// SPDX-License-Identifier: Apache-2.0
#include "api/node/runtime_class.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_node(Registry& registry, const Parts&) {
  registry.add(row<api::RuntimeClass>());
}

}  // namespace skiff::apiserver
