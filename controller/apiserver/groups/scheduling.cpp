// SPDX-License-Identifier: Apache-2.0
#include "api/scheduling/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_scheduling(Registry& registry, const Parts&) {
  registry.add(row<api::PriorityClass>());
}

}  // namespace skiff::apiserver
