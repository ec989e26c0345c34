// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/versions.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::autoscaling {
namespace {

constexpr int32_t kPolicySeconds = 15;

void autoscaler_spec(HorizontalPodAutoscalerSpec& spec) {
  set(spec.minReplicas, 1);
  if (spec.metrics.empty()) spec.metrics.push_back(default_metric());
}
void autoscaler_spec_v1(HorizontalPodAutoscalerSpecV1& spec) {
  set(spec.minReplicas, 1);
}

// Up: at once, by four pods or to twice as many, whichever is more; down: by all.
void behavior(HorizontalPodAutoscalerBehavior& behavior) {
  HPAScalingRules& up = behavior.scaleUp.ensure();
  set(up.selectPolicy, "Max");
  set(up.stabilizationWindowSeconds, 0);
  if (up.policies.empty())
    up.policies = {{"Pods", 4, kPolicySeconds}, {"Percent", 100, kPolicySeconds}};
  HPAScalingRules& down = behavior.scaleDown.ensure();
  set(down.selectPolicy, "Max");
  if (down.policies.empty()) down.policies = {{"Percent", 100, kPolicySeconds}};
}

constexpr DefaultHook kDefaults[] = {
    default_hook<autoscaler_spec>(),
    default_hook<autoscaler_spec_v1>(),
    default_hook<behavior>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::autoscaling
