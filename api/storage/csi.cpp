// SPDX-License-Identifier: Apache-2.0
#include "api/storage/csi.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.storage.v1.")

KUBE_FIELDS_AS(StorageTokenRequest, "TokenRequest", KUBE_FIELD(audience, 1, .required = true),
               KUBE_FIELD(expirationSeconds, 2))

KUBE_FIELDS(CSIDriverSpec, KUBE_FIELD(attachRequired, 1, .immutable = true),
            KUBE_FIELD(podInfoOnMount, 2),
            KUBE_FIELD(volumeLifecycleModes, 3, .immutable = true, .list = ListType::kSet,
                       .values = "Ephemeral,Persistent"),
            KUBE_FIELD(storageCapacity, 4),
            KUBE_FIELD(fsGroupPolicy, 5, .values = "File,None,ReadWriteOnceWithFSType"),
            KUBE_FIELD(tokenRequests, 6), KUBE_FIELD(requiresRepublish, 7),
            KUBE_FIELD(seLinuxMount, 8), KUBE_FIELD(nodeAllocatableUpdatePeriodSeconds, 9))

KUBE_FIELDS(CSIDriver, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

KUBE_FIELDS(VolumeNodeResources, KUBE_FIELD(count, 1, .min = 0))

KUBE_FIELDS(CSINodeDriver, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(nodeID, 2, .required = true), KUBE_FIELD(topologyKeys, 3),
            KUBE_FIELD(allocatable, 4))

KUBE_FIELDS(CSINodeSpec, KUBE_FIELD(drivers, 1, .required = true, .patch = Patch::kMerge,
                                    .list = ListType::kMap, .merge_key = "name", .keys = "name"))

KUBE_FIELDS(CSINode, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

KUBE_FIELDS(CSIStorageCapacity, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(nodeTopology, 2, .immutable = true),
            KUBE_FIELD(storageClassName, 3, .required = true, .immutable = true),
            KUBE_FIELD(capacity, 4), KUBE_FIELD(maximumVolumeSize, 5))

}  // namespace skiff::api
