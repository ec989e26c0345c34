// SPDX-License-Identifier: Apache-2.0
#include "api/rbac/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_rbac(Registry& registry, const Parts&) {
  registry.add(row<api::Role>());
  registry.add(row<api::ClusterRole>());
  registry.add(row<api::RoleBinding>());
  registry.add(row<api::ClusterRoleBinding>());
}

}  // namespace skiff::apiserver
