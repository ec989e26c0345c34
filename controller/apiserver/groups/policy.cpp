// SPDX-License-Identifier: Apache-2.0
#include "api/policy/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_policy(Registry& registry, const Parts&) {
  registry.add(with_status(row<api::PodDisruptionBudget>()));
}

}  // namespace skiff::apiserver
