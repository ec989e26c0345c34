// SPDX-License-Identifier: Apache-2.0
#include "api/resource/device.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.resource.v1.")

KUBE_FIELDS(Counter, KUBE_FIELD(value, 1, .required = true))

KUBE_FIELDS(CounterSet, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(counters, 2, .required = true))

KUBE_FIELDS(DeviceCounterConsumption, KUBE_FIELD(counterSet, 1, .required = true),
            KUBE_FIELD(counters, 2, .required = true))

KUBE_FIELDS(DeviceAttribute, KUBE_FIELD(int_, 2), KUBE_FIELD(bool_, 3), KUBE_FIELD(string, 4),
            KUBE_FIELD(version, 5))

KUBE_FIELDS(CapacityRequestPolicyRange, KUBE_FIELD(min, 1, .required = true), KUBE_FIELD(max, 2),
            KUBE_FIELD(step, 3))

KUBE_FIELDS(CapacityRequestPolicy, KUBE_FIELD(default_, 1), KUBE_FIELD(validValues, 3),
            KUBE_FIELD(validRange, 4))

KUBE_FIELDS(DeviceCapacity, KUBE_FIELD(value, 1, .required = true), KUBE_FIELD(requestPolicy, 2))

KUBE_FIELDS(DeviceTaint, KUBE_FIELD(key, 1, .required = true), KUBE_FIELD(value, 2),
            KUBE_FIELD(effect, 3, .required = true, .values = "NoExecute,NoSchedule"),
            KUBE_FIELD(timeAdded, 4))

KUBE_FIELDS(Device, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(attributes, 2),
            KUBE_FIELD(capacity, 3), KUBE_FIELD(consumesCounters, 4), KUBE_FIELD(nodeName, 5),
            KUBE_FIELD(nodeSelector, 6), KUBE_FIELD(allNodes, 7), KUBE_FIELD(taints, 8),
            KUBE_FIELD(bindsToNode, 9), KUBE_FIELD(bindingConditions, 10),
            KUBE_FIELD(bindingFailureConditions, 11), KUBE_FIELD(allowMultipleAllocations, 12))

KUBE_FIELDS(ResourcePool, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(generation, 2, .required = true),
            KUBE_FIELD(resourceSliceCount, 3, .required = true))

KUBE_FIELDS(ResourceSliceSpec, KUBE_FIELD(driver, 1, .required = true, .immutable = true),
            KUBE_FIELD(pool, 2, .required = true), KUBE_FIELD(nodeName, 3, .immutable = true),
            KUBE_FIELD(nodeSelector, 4), KUBE_FIELD(allNodes, 5), KUBE_FIELD(devices, 6),
            KUBE_FIELD(perDeviceNodeSelection, 7), KUBE_FIELD(sharedCounters, 8))

KUBE_FIELDS(ResourceSlice, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

}  // namespace skiff::api
