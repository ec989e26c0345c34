// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/metrics.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.autoscaling.v2.")

KUBE_FIELDS(CrossVersionObjectReference, KUBE_FIELD(kind, 1, .required = true),
            KUBE_FIELD(name, 2, .required = true), KUBE_FIELD(apiVersion, 3))

KUBE_FIELDS(MetricIdentifier, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(selector, 2))

KUBE_FIELDS(MetricTarget,
            KUBE_FIELD(type, 1, .required = true, .values = "AverageValue,Utilization,Value"),
            KUBE_FIELD(value, 2), KUBE_FIELD(averageValue, 3), KUBE_FIELD(averageUtilization, 4))

KUBE_FIELDS(MetricValueStatus, KUBE_FIELD(value, 1), KUBE_FIELD(averageValue, 2),
            KUBE_FIELD(averageUtilization, 3))

KUBE_FIELDS(ObjectMetricSource, KUBE_FIELD(describedObject, 1, .required = true),
            KUBE_FIELD(target, 2, .required = true), KUBE_FIELD(metric, 3, .required = true))

KUBE_FIELDS(PodsMetricSource, KUBE_FIELD(metric, 1, .required = true),
            KUBE_FIELD(target, 2, .required = true))

KUBE_FIELDS(ResourceMetricSource, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(target, 2, .required = true))

KUBE_FIELDS(ContainerResourceMetricSource, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(target, 2, .required = true), KUBE_FIELD(container, 3, .required = true))

KUBE_FIELDS(ExternalMetricSource, KUBE_FIELD(metric, 1, .required = true),
            KUBE_FIELD(target, 2, .required = true))

KUBE_FIELDS(MetricSpec,
            KUBE_FIELD(type, 1, .required = true,
                       .values = "ContainerResource,External,Object,Pods,Resource"),
            KUBE_FIELD(object, 2), KUBE_FIELD(pods, 3), KUBE_FIELD(resource, 4),
            KUBE_FIELD(external, 5), KUBE_FIELD(containerResource, 7))

KUBE_FIELDS(ObjectMetricStatus, KUBE_FIELD(metric, 1, .required = true),
            KUBE_FIELD(current, 2, .required = true),
            KUBE_FIELD(describedObject, 3, .required = true))

KUBE_FIELDS(PodsMetricStatus, KUBE_FIELD(metric, 1, .required = true),
            KUBE_FIELD(current, 2, .required = true))

KUBE_FIELDS(ResourceMetricStatus, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(current, 2, .required = true))

KUBE_FIELDS(ContainerResourceMetricStatus, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(current, 2, .required = true), KUBE_FIELD(container, 3, .required = true))

KUBE_FIELDS(ExternalMetricStatus, KUBE_FIELD(metric, 1, .required = true),
            KUBE_FIELD(current, 2, .required = true))

KUBE_FIELDS(MetricStatus, KUBE_FIELD(type, 1, .required = true), KUBE_FIELD(object, 2),
            KUBE_FIELD(pods, 3), KUBE_FIELD(resource, 4), KUBE_FIELD(external, 5),
            KUBE_FIELD(containerResource, 7))

}  // namespace skiff::api
