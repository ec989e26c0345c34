// SPDX-License-Identifier: Apache-2.0
#include "api/networking/network_policy.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_networking(Registry& registry, const Parts&) {
  Resource policies = row<api::NetworkPolicy>();
  policies.tracks_generation = true;
  registry.add(std::move(policies));
}

}  // namespace skiff::apiserver
