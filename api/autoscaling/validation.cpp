// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/versions.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"

namespace skiff::api::autoscaling {
namespace {

using rules::at;
using rules::name_at;

constexpr int32_t kMaxPeriod = 1800, kMaxWindow = 3600;

template <class Spec>
void replicas(const Spec& spec, FieldErrors& errors) {
  if (spec.minReplicas && *spec.minReplicas < 1)
    at(errors, "minReplicas",
       [&] { errors.invalid(*spec.minReplicas, "must be greater than or equal to 1"); });
  if (spec.minReplicas && spec.maxReplicas < *spec.minReplicas)
    at(errors, "maxReplicas",
       [&] { errors.invalid(spec.maxReplicas, "must be greater than or equal to `minReplicas`"); });
}

template <class Reference>
void reference(const Reference& reference, FieldErrors& errors) {
  name_at(errors, "kind", reference.kind, check_path_segment);
  name_at(errors, "name", reference.name, check_path_segment);
}

void spec_v1(const HorizontalPodAutoscalerSpecV1& spec, FieldErrors& errors) {
  replicas(spec, errors);
  if (spec.targetCPUUtilizationPercentage && *spec.targetCPUUtilizationPercentage < 1)
    at(errors, "targetCPUUtilizationPercentage",
       [&] { errors.invalid(*spec.targetCPUUtilizationPercentage, "must be greater than 0"); });
}

void target(const MetricTarget& target, FieldErrors& errors) {
  const auto field = errors.at("target");
  if (target.value && (target.value->is_zero() || target.value->is_negative()))
    at(errors, "value", [&] { errors.invalid(target.value->to_string(), "must be positive"); });
  if (target.averageValue && (target.averageValue->is_zero() || target.averageValue->is_negative()))
    at(errors, "averageValue",
       [&] { errors.invalid(target.averageValue->to_string(), "must be positive"); });
  if (target.averageUtilization && *target.averageUtilization < 1)
    at(errors, "averageUtilization",
       [&] { errors.invalid(*target.averageUtilization, "must be greater than 0"); });
}

// CPU or memory: by value or by utilization.
void usage(const MetricTarget& goal, FieldErrors& errors) {
  target(goal, errors);
  const auto field = errors.at("target");
  if (!goal.averageUtilization && !goal.averageValue)
    at(errors, "averageUtilization",
       [&] { errors.required("must set either a target raw value or a target utilization"); });
  if (goal.averageUtilization && goal.averageValue)
    at(errors, "averageValue",
       [&] { errors.forbidden("may not set both a target raw value and a target utilization"); });
}

void object_metric(const ObjectMetricSource& source, FieldErrors& errors) {
  target(source.target, errors);
  const auto field = errors.at("target");
  if (!source.target.value && !source.target.averageValue)
    at(errors, "averageValue",
       [&] { errors.required("must set either a target value or averageValue"); });
}

void external_metric(const ExternalMetricSource& source, FieldErrors& errors) {
  target(source.target, errors);
  const auto field = errors.at("target");
  if (!source.target.value && !source.target.averageValue)
    at(errors, "averageValue",
       [&] { errors.required("must set either a target value for metric or a per-pod target"); });
  if (source.target.value && source.target.averageValue)
    at(errors, "value", [&] {
      errors.forbidden("may not set both a target value for metric and a per-pod target");
    });
}

void pods_metric(const PodsMetricSource& source, FieldErrors& errors) {
  target(source.target, errors);
  const auto field = errors.at("target");
  if (!source.target.averageValue)
    at(errors, "averageValue",
       [&] { errors.required("must specify a positive target averageValue"); });
}

void resource_metric(const ResourceMetricSource& source, FieldErrors& errors) {
  usage(source.target, errors);
}

void container_metric(const ContainerResourceMetricSource& source, FieldErrors& errors) {
  name_at(errors, "container", source.container, check_dns1123_label);
  usage(source.target, errors);
}

// Exactly the source that `type` names: `Resource` is `resource`.
void metric(const MetricSpec& metric, FieldErrors& errors) {
  std::string wanted = metric.type;
  if (!wanted.empty()) wanted[0] = static_cast<char>(wanted[0] | 0x20);
  for (const FieldInfo& field : type_of<MetricSpec>().fields) {
    if (field.name == "type") continue;
    const bool there = field.type->maybe->get(member(&metric, field)) != nullptr;
    if (field.name == wanted && !there)
      at(errors, field.name,
         [&] { errors.required("must populate information for the given metric source"); });
    if (field.name != wanted && there)
      at(errors, field.name,
         [&] { errors.forbidden("must populate the given metric source only"); });
  }
}

void scaling_rules(const HPAScalingRules& rules, FieldErrors& errors) {
  if (const auto& window = rules.stabilizationWindowSeconds) {
    const auto field = errors.at("stabilizationWindowSeconds");
    if (*window < 0) errors.invalid(*window, "must be greater than or equal to zero");
    if (*window > kMaxWindow)
      errors.invalid(*window, fmt::format("must be less than or equal to {}", kMaxWindow));
  }
  if (rules.policies.empty())
    at(errors, "policies", [&] { errors.required("must specify at least one Policy"); });
}

void scaling_policy(const HPAScalingPolicy& policy, FieldErrors& errors) {
  if (policy.value <= 0)
    at(errors, "value", [&] { errors.invalid(policy.value, "must be greater than zero"); });
  const auto field = errors.at("periodSeconds");
  if (policy.periodSeconds <= 0) errors.invalid(policy.periodSeconds, "must be greater than zero");
  if (policy.periodSeconds > kMaxPeriod)
    errors.invalid(policy.periodSeconds,
                   fmt::format("must be less than or equal to {}", kMaxPeriod));
}

constexpr Rule kRules[] = {
    rule<replicas<HorizontalPodAutoscalerSpec>>(),
    rule<spec_v1>(),
    rule<reference<CrossVersionObjectReference>>(),
    rule<reference<CrossVersionObjectReferenceV1>>(),
    rule<object_metric>(),
    rule<external_metric>(),
    rule<pods_metric>(),
    rule<resource_metric>(),
    rule<container_metric>(),
    rule<metric>(),
    rule<scaling_rules>(),
    rule<scaling_policy>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::autoscaling
