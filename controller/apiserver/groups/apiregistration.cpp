// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_apiregistration(Registry& registry, const Parts&) {
  Resource services = row<api::APIService>();
  services.subresources = {status_part()};
  services.unconditional_update = false;
  registry.add(std::move(services));
}

}  // namespace skiff::apiserver
