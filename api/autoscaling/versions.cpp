// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/versions.h"

#include "api/codec.h"

namespace skiff::api {
namespace {

constexpr const char* kMetrics = "autoscaling.alpha.kubernetes.io/metrics";
constexpr const char* kBehavior = "autoscaling.alpha.kubernetes.io/behavior";
constexpr const char* kCurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr const char* kConditions = "autoscaling.alpha.kubernetes.io/conditions";
constexpr int32_t kDefaultUtilization = 80;

using Annotations = std::map<std::string, std::string>;

bool is_cpu(const MetricSpec& metric) {
  return metric.type == "Resource" && metric.resource && metric.resource->name == "cpu" &&
         metric.resource->target.averageUtilization.has_value();
}

bool is_cpu(const MetricStatus& metric) {
  return metric.type == "Resource" && metric.resource && metric.resource->name == "cpu" &&
         metric.resource->current.averageUtilization.has_value();
}

MetricSpec cpu_metric(int32_t percent) {
  ResourceMetricSource source;
  source.name = "cpu";
  source.target.type = "Utilization";
  source.target.averageUtilization = percent;
  MetricSpec metric;
  metric.type = "Resource";
  metric.resource = std::move(source);
  return metric;
}

template <class T>
void put(Annotations& annotations, const char* key, const T& value) {
  annotations[key] = encode_json(value);
}

// Takes the annotation away. What cannot be read is left out: its user wrote it.
template <class T>
bool take(Annotations& annotations, const char* key, T& into) {
  const auto found = annotations.find(key);
  if (found == annotations.end()) return false;
  const bool read = decode(type_of<T>(), &into, found->second).ok();
  annotations.erase(found);
  if (!read) into = {};
  return read;
}

}  // namespace

MetricSpec default_metric() {
  return cpu_metric(kDefaultUtilization);
}

HorizontalPodAutoscalerV1 to_v1(const HorizontalPodAutoscaler& autoscaler) {
  HorizontalPodAutoscalerV1 out;
  out.metadata = autoscaler.metadata;
  const CrossVersionObjectReference& target = autoscaler.spec.scaleTargetRef;
  out.spec.scaleTargetRef = {target.kind, target.name, target.apiVersion};
  out.spec.minReplicas = autoscaler.spec.minReplicas;
  out.spec.maxReplicas = autoscaler.spec.maxReplicas;
  Annotations& annotations = out.metadata.annotations;
  std::vector<MetricSpec> metrics;
  for (const MetricSpec& metric : autoscaler.spec.metrics) {
    if (is_cpu(metric) && !out.spec.targetCPUUtilizationPercentage)
      out.spec.targetCPUUtilizationPercentage = metric.resource->target.averageUtilization;
    else
      metrics.push_back(metric);
  }
  if (!metrics.empty()) put(annotations, kMetrics, metrics);
  if (autoscaler.spec.behavior) put(annotations, kBehavior, *autoscaler.spec.behavior);
  const HorizontalPodAutoscalerStatus& status = autoscaler.status;
  out.status.observedGeneration = status.observedGeneration;
  out.status.lastScaleTime = status.lastScaleTime;
  out.status.currentReplicas = status.currentReplicas;
  out.status.desiredReplicas = status.desiredReplicas;
  std::vector<MetricStatus> current;
  for (const MetricStatus& metric : status.currentMetrics) {
    if (is_cpu(metric) && !out.status.currentCPUUtilizationPercentage)
      out.status.currentCPUUtilizationPercentage = metric.resource->current.averageUtilization;
    current.push_back(metric);
  }
  if (!current.empty()) put(annotations, kCurrentMetrics, current);
  if (!status.conditions.empty()) put(annotations, kConditions, status.conditions);
  return out;
}

HorizontalPodAutoscaler to_v2(const HorizontalPodAutoscalerV1& autoscaler) {
  HorizontalPodAutoscaler out;
  out.metadata = autoscaler.metadata;
  const CrossVersionObjectReferenceV1& target = autoscaler.spec.scaleTargetRef;
  out.spec.scaleTargetRef = {target.kind, target.name, target.apiVersion};
  out.spec.minReplicas = autoscaler.spec.minReplicas;
  out.spec.maxReplicas = autoscaler.spec.maxReplicas;
  Annotations& annotations = out.metadata.annotations;
  take(annotations, kMetrics, out.spec.metrics);
  if (autoscaler.spec.targetCPUUtilizationPercentage)
    out.spec.metrics.insert(out.spec.metrics.begin(),
                            cpu_metric(*autoscaler.spec.targetCPUUtilizationPercentage));
  if (out.spec.metrics.empty()) out.spec.metrics.push_back(default_metric());
  if (HorizontalPodAutoscalerBehavior behavior; take(annotations, kBehavior, behavior))
    out.spec.behavior = std::move(behavior);
  out.status.observedGeneration = autoscaler.status.observedGeneration;
  out.status.lastScaleTime = autoscaler.status.lastScaleTime;
  out.status.currentReplicas = autoscaler.status.currentReplicas;
  out.status.desiredReplicas = autoscaler.status.desiredReplicas;
  take(annotations, kCurrentMetrics, out.status.currentMetrics);
  take(annotations, kConditions, out.status.conditions);
  return out;
}

}  // namespace skiff::api
