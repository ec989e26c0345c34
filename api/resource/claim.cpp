// SPDX-License-Identifier: Apache-2.0
#include "api/resource/claim.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.resource.v1.")

KUBE_FIELDS(NetworkDeviceData, KUBE_FIELD(interfaceName, 1), KUBE_FIELD(ips, 2),
            KUBE_FIELD(hardwareAddress, 3))

KUBE_FIELDS(AllocatedDeviceStatus, KUBE_FIELD(driver, 1, .required = true),
            KUBE_FIELD(pool, 2, .required = true), KUBE_FIELD(device, 3, .required = true),
            KUBE_FIELD(conditions, 4, .list = ListType::kMap, .keys = "type"), KUBE_FIELD(data, 5),
            KUBE_FIELD(networkData, 6), KUBE_FIELD(shareID, 7))

KUBE_FIELDS(DeviceRequestAllocationResult, KUBE_FIELD(request, 1, .required = true),
            KUBE_FIELD(driver, 2, .required = true), KUBE_FIELD(pool, 3, .required = true),
            KUBE_FIELD(device, 4, .required = true), KUBE_FIELD(adminAccess, 5),
            KUBE_FIELD(tolerations, 6), KUBE_FIELD(bindingConditions, 7),
            KUBE_FIELD(bindingFailureConditions, 8), KUBE_FIELD(shareID, 9),
            KUBE_FIELD(consumedCapacity, 10))

KUBE_FIELDS(DeviceAllocationConfiguration,
            KUBE_FIELD(source, 1, .required = true, .values = "FromClaim,FromClass"),
            KUBE_FIELD(requests, 2), KUBE_FIELD(opaque, 1, .outer = 3))

KUBE_FIELDS(DeviceAllocationResult, KUBE_FIELD(results, 1), KUBE_FIELD(config, 2))

KUBE_FIELDS(AllocationResult, KUBE_FIELD(devices, 1), KUBE_FIELD(nodeSelector, 3),
            KUBE_FIELD(allocationTimestamp, 5))

KUBE_FIELDS(ResourceClaimConsumerReference, KUBE_FIELD(apiGroup, 1),
            KUBE_FIELD(resource, 3, .required = true), KUBE_FIELD(name, 4, .required = true),
            KUBE_FIELD(uid, 5, .required = true))

KUBE_FIELDS(ResourceClaimSpec, KUBE_FIELD(devices, 1))

KUBE_FIELDS(ResourceClaimStatus, KUBE_FIELD(allocation, 1),
            KUBE_FIELD(reservedFor, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "uid", .keys = "uid"),
            KUBE_FIELD(devices, 4, .list = ListType::kMap, .keys = "driver,device,pool,shareID"))

KUBE_FIELDS(ResourceClaim, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .immutable = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(ResourceClaimTemplateSpec, KUBE_FIELD(metadata, 1),
            KUBE_FIELD(spec, 2, .required = true))

KUBE_FIELDS(ResourceClaimTemplate, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .immutable = true, .doc = "the desired state"))

}  // namespace skiff::api
