// SPDX-License-Identifier: Apache-2.0
#include "api/resource/request.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.resource.v1.")

KUBE_FIELDS(CELDeviceSelector, KUBE_FIELD(expression, 1, .required = true))

KUBE_FIELDS(DeviceSelector, KUBE_FIELD(cel, 1))

KUBE_FIELDS(DeviceToleration, KUBE_FIELD(key, 1),
            KUBE_FIELD(operator_, 2, .values = "Equal,Exists"), KUBE_FIELD(value, 3),
            KUBE_FIELD(effect, 4, .values = "NoExecute,NoSchedule"),
            KUBE_FIELD(tolerationSeconds, 5))

KUBE_FIELDS(CapacityRequirements, KUBE_FIELD(requests, 1))

KUBE_FIELDS(ExactDeviceRequest, KUBE_FIELD(deviceClassName, 1, .required = true),
            KUBE_FIELD(selectors, 2), KUBE_FIELD(allocationMode, 3, .values = "All,ExactCount"),
            KUBE_FIELD(count, 4), KUBE_FIELD(adminAccess, 5), KUBE_FIELD(tolerations, 6),
            KUBE_FIELD(capacity, 7))

KUBE_FIELDS(DeviceSubRequest, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(deviceClassName, 2, .required = true), KUBE_FIELD(selectors, 3),
            KUBE_FIELD(allocationMode, 4, .values = "All,ExactCount"), KUBE_FIELD(count, 5),
            KUBE_FIELD(tolerations, 6), KUBE_FIELD(capacity, 7))

KUBE_FIELDS(DeviceRequest, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(exactly, 2),
            KUBE_FIELD(firstAvailable, 3))

KUBE_FIELDS(DeviceConstraint, KUBE_FIELD(requests, 1), KUBE_FIELD(matchAttribute, 2),
            KUBE_FIELD(distinctAttribute, 3))

KUBE_FIELDS(OpaqueDeviceConfiguration, KUBE_FIELD(driver, 1, .required = true),
            KUBE_FIELD(parameters, 2, .required = true))

KUBE_FIELDS(DeviceClaimConfiguration, KUBE_FIELD(requests, 1), KUBE_FIELD(opaque, 1, .outer = 2))

KUBE_FIELDS(DeviceClaim, KUBE_FIELD(requests, 1), KUBE_FIELD(constraints, 2), KUBE_FIELD(config, 3))

KUBE_FIELDS(DeviceClassConfiguration, KUBE_FIELD(opaque, 1, .outer = 1))

KUBE_FIELDS(DeviceClassSpec, KUBE_FIELD(selectors, 1), KUBE_FIELD(config, 2),
            KUBE_FIELD(extendedResourceName, 4))

KUBE_FIELDS(DeviceClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

}  // namespace skiff::api
