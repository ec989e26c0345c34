// SPDX-License-Identifier: Apache-2.0
#include "api/resource/claim.h"
#include "api/resource/device.h"
#include "api/resource/request.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_resource(Registry& registry, const Parts&) {
  registry.add(with_generation<api::DeviceClass>());
  Resource claims = row<api::ResourceClaim>();
  claims.subresources = {status_part()};
  registry.add(std::move(claims));
  registry.add(row<api::ResourceClaimTemplate>());
  Resource slices = with_generation<api::ResourceSlice>();
  slices.selectable_fields = {selectable("spec.nodeName"), selectable("spec.driver")};
  registry.add(std::move(slices));
}

}  // namespace skiff::apiserver
