// SPDX-License-Identifier: Apache-2.0
#include "api/discovery/endpoint_slice.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_discovery(Registry& registry, const Parts&) {
  Resource slices = row<api::EndpointSlice>();
  slices.tracks_generation = true;
  registry.add(std::move(slices));
}

}  // namespace skiff::apiserver
