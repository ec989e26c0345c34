// SPDX-License-Identifier: Apache-2.0
#include "api/coordination/lease.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_coordination(Registry& registry, const Parts&) {
  Resource leases = row<api::Lease>();
  leases.create_on_update = true;
  leases.unconditional_update = false;
  registry.add(std::move(leases));
}

}  // namespace skiff::apiserver
