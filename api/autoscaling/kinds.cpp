// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/autoscaler.h"
#include "api/autoscaling/autoscaler_v1.h"
#include "api/autoscaling/scale.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::autoscaling {
namespace {
constexpr const char* kGroup = "autoscaling";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      in_version("v2", stored<HorizontalPodAutoscaler>(kGroup, "horizontalpodautoscalers",
                                                       kNamespaced, {"hpa"}, {"all"})),
      alias(stored<HorizontalPodAutoscalerV1>(kGroup, "horizontalpodautoscalers", kNamespaced,
                                              {"hpa"}, {"all"})),
      message<Scale>(kGroup),
  };
  return all;
}

}  // namespace skiff::api::autoscaling
