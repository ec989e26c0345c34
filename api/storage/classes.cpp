// SPDX-License-Identifier: Apache-2.0
#include "api/storage/classes.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.storage.v1.")

KUBE_FIELDS(StorageClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(provisioner, 2, .required = true), KUBE_FIELD(parameters, 3),
            KUBE_FIELD(reclaimPolicy, 4, .values = "Delete,Retain"), KUBE_FIELD(mountOptions, 5),
            KUBE_FIELD(allowVolumeExpansion, 6),
            KUBE_FIELD(volumeBindingMode, 7, .immutable = true,
                       .values = "Immediate,WaitForFirstConsumer"),
            KUBE_FIELD(allowedTopologies, 8))

KUBE_FIELDS(VolumeAttributesClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(driverName, 2, .required = true), KUBE_FIELD(parameters, 3))

KUBE_FIELDS(VolumeAttachmentSource, KUBE_FIELD(persistentVolumeName, 1),
            KUBE_FIELD(inlineVolumeSpec, 2))

KUBE_FIELDS(VolumeAttachmentSpec, KUBE_FIELD(attacher, 1, .required = true),
            KUBE_FIELD(source, 2, .required = true), KUBE_FIELD(nodeName, 3, .required = true))

KUBE_FIELDS(VolumeError, KUBE_FIELD(time, 1, .null_zero = true), KUBE_FIELD(message, 2),
            KUBE_FIELD(errorCode, 3))

KUBE_FIELDS(VolumeAttachmentStatus, KUBE_FIELD(attached, 1, .required = true),
            KUBE_FIELD(attachmentMetadata, 2), KUBE_FIELD(attachError, 3),
            KUBE_FIELD(detachError, 4))

KUBE_FIELDS(VolumeAttachment, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .immutable = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
