// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/versions.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {

void add_autoscaling(Registry& registry, const Parts&) {
  registry.add(with_status(row<api::HorizontalPodAutoscaler>()));
  Resource v1 = with_status(row<api::HorizontalPodAutoscalerV1>());
  v1.view =
      view<api::HorizontalPodAutoscalerV1, api::HorizontalPodAutoscaler, api::to_v1, api::to_v2>();
  registry.add(std::move(v1));
}

}  // namespace skiff::apiserver
