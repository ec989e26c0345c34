// SPDX-License-Identifier: Apache-2.0
// What autoscalers go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// An object of any kind in the namespace.
struct CrossVersionObjectReference {
  std::string kind;
  std::string name;
  std::string apiVersion;
};
KUBE_TYPE(CrossVersionObjectReference)

// The name of a metric, and which of its series.
struct MetricIdentifier {
  std::string name;
  Box<LabelSelector> selector;
};
KUBE_TYPE(MetricIdentifier)

// What a metric is to be.
struct MetricTarget {
  std::string type;
  std::optional<Quantity> value;
  std::optional<Quantity> averageValue;
  std::optional<int32_t> averageUtilization;
};
KUBE_TYPE(MetricTarget)

// What a metric is.
struct MetricValueStatus {
  std::optional<Quantity> value;
  std::optional<Quantity> averageValue;
  std::optional<int32_t> averageUtilization;
};
KUBE_TYPE(MetricValueStatus)

// A metric of one object.
struct ObjectMetricSource {
  CrossVersionObjectReference describedObject;
  MetricTarget target;
  MetricIdentifier metric;
};
KUBE_TYPE(ObjectMetricSource)

// The average of a metric of all pods.
struct PodsMetricSource {
  MetricIdentifier metric;
  MetricTarget target;
};
KUBE_TYPE(PodsMetricSource)

// What pods use of CPU or memory.
struct ResourceMetricSource {
  std::string name;
  MetricTarget target;
};
KUBE_TYPE(ResourceMetricSource)

// What one container of all pods uses of CPU or memory.
struct ContainerResourceMetricSource {
  std::string name;
  MetricTarget target;
  std::string container;
};
KUBE_TYPE(ContainerResourceMetricSource)

// A metric of something outside of the cluster.
struct ExternalMetricSource {
  MetricIdentifier metric;
  MetricTarget target;
};
KUBE_TYPE(ExternalMetricSource)

// One metric; `type` says which.
struct MetricSpec {
  std::string type;
  Box<ObjectMetricSource> object;
  Box<PodsMetricSource> pods;
  Box<ResourceMetricSource> resource;
  Box<ExternalMetricSource> external;
  Box<ContainerResourceMetricSource> containerResource;
};
KUBE_TYPE(MetricSpec)

// The value of a metric of one object.
struct ObjectMetricStatus {
  MetricIdentifier metric;
  MetricValueStatus current;
  CrossVersionObjectReference describedObject;
};
KUBE_TYPE(ObjectMetricStatus)

// The value of a metric of all pods.
struct PodsMetricStatus {
  MetricIdentifier metric;
  MetricValueStatus current;
};
KUBE_TYPE(PodsMetricStatus)

// What pods use.
struct ResourceMetricStatus {
  std::string name;
  MetricValueStatus current;
};
KUBE_TYPE(ResourceMetricStatus)

// What one container of all pods uses.
struct ContainerResourceMetricStatus {
  std::string name;
  MetricValueStatus current;
  std::string container;
};
KUBE_TYPE(ContainerResourceMetricStatus)

// The value of a metric of something outside.
struct ExternalMetricStatus {
  MetricIdentifier metric;
  MetricValueStatus current;
};
KUBE_TYPE(ExternalMetricStatus)

// The value of one metric; `type` says which.
struct MetricStatus {
  std::string type;
  Box<ObjectMetricStatus> object;
  Box<PodsMetricStatus> pods;
  Box<ResourceMetricStatus> resource;
  Box<ExternalMetricStatus> external;
  Box<ContainerResourceMetricStatus> containerResource;
};
KUBE_TYPE(MetricStatus)

}  // namespace skiff::api
