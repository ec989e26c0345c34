// SPDX-License-Identifier: Apache-2.0
#include "api/core/claim.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(VolumeResourceRequirements, KUBE_FIELD(limits, 1), KUBE_FIELD(requests, 2))

KUBE_FIELDS(PersistentVolumeClaimSpec, KUBE_FIELD(accessModes, 1), KUBE_FIELD(resources, 2),
            KUBE_FIELD(volumeName, 3), KUBE_FIELD(selector, 4), KUBE_FIELD(storageClassName, 5),
            KUBE_FIELD(volumeMode, 6, .values = "Block,Filesystem"), KUBE_FIELD(dataSource, 7),
            KUBE_FIELD(dataSourceRef, 8), KUBE_FIELD(volumeAttributesClassName, 9))

KUBE_FIELDS(PersistentVolumeClaimCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastProbeTime, 3, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 4, .null_zero = true), KUBE_FIELD(reason, 5),
            KUBE_FIELD(message, 6))

KUBE_FIELDS(ModifyVolumeStatus, KUBE_FIELD(targetVolumeAttributesClassName, 1),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"))

KUBE_FIELDS(PersistentVolumeClaimStatus, KUBE_FIELD(phase, 1), KUBE_FIELD(accessModes, 2),
            KUBE_FIELD(capacity, 3),
            KUBE_FIELD(conditions, 4, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(allocatedResources, 5), KUBE_FIELD(allocatedResourceStatuses, 7),
            KUBE_FIELD(currentVolumeAttributesClassName, 8), KUBE_FIELD(modifyVolumeStatus, 9))

KUBE_FIELDS(PersistentVolumeClaim, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(PersistentVolumeClaimTemplate, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

}  // namespace skiff::api
