// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/flow_schema.h"
#include "api/flowcontrol/priority_level.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_flowcontrol(Registry& registry, const Parts&) {
  registry.add(with_status(row<api::FlowSchema>()));
  registry.add(with_status(row<api::PriorityLevelConfiguration>()));
}

}  // namespace skiff::apiserver
