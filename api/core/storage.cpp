// SPDX-License-Identifier: Apache-2.0
#include "api/core/storage.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(VolumeNodeAffinity, KUBE_FIELD(required, 1))

KUBE_FIELDS(LocalVolumeSource, KUBE_FIELD(path, 1, .required = true), KUBE_FIELD(fsType, 2))

KUBE_FIELDS(CSIPersistentVolumeSource, KUBE_FIELD(driver, 1, .required = true),
            KUBE_FIELD(volumeHandle, 2, .required = true), KUBE_FIELD(readOnly, 3),
            KUBE_FIELD(fsType, 4), KUBE_FIELD(volumeAttributes, 5),
            KUBE_FIELD(controllerPublishSecretRef, 6), KUBE_FIELD(nodeStageSecretRef, 7),
            KUBE_FIELD(nodePublishSecretRef, 8), KUBE_FIELD(controllerExpandSecretRef, 9),
            KUBE_FIELD(nodeExpandSecretRef, 10))

KUBE_FIELDS(PersistentVolumeSpec, KUBE_FIELD(capacity, 1),
            KUBE_FIELD(gcePersistentDisk, 1, .outer = 2),
            KUBE_FIELD(awsElasticBlockStore, 2, .outer = 2), KUBE_FIELD(hostPath, 3, .outer = 2),
            KUBE_FIELD(glusterfs, 4, .outer = 2), KUBE_FIELD(nfs, 5, .outer = 2),
            KUBE_FIELD(rbd, 6, .outer = 2), KUBE_FIELD(iscsi, 7, .outer = 2),
            KUBE_FIELD(cinder, 8, .outer = 2), KUBE_FIELD(cephfs, 9, .outer = 2),
            KUBE_FIELD(fc, 10, .outer = 2), KUBE_FIELD(flocker, 11, .outer = 2),
            KUBE_FIELD(flexVolume, 12, .outer = 2), KUBE_FIELD(azureFile, 13, .outer = 2),
            KUBE_FIELD(vsphereVolume, 14, .outer = 2), KUBE_FIELD(quobyte, 15, .outer = 2),
            KUBE_FIELD(azureDisk, 16, .outer = 2), KUBE_FIELD(photonPersistentDisk, 17, .outer = 2),
            KUBE_FIELD(portworxVolume, 18, .outer = 2), KUBE_FIELD(scaleIO, 19, .outer = 2),
            KUBE_FIELD(local, 20, .outer = 2), KUBE_FIELD(storageos, 21, .outer = 2),
            KUBE_FIELD(csi, 22, .outer = 2), KUBE_FIELD(accessModes, 3),
            KUBE_FIELD(claimRef, 4, .granular = true),
            KUBE_FIELD(persistentVolumeReclaimPolicy, 5, .values = "Delete,Recycle,Retain"),
            KUBE_FIELD(storageClassName, 6), KUBE_FIELD(mountOptions, 7),
            KUBE_FIELD(volumeMode, 8, .values = "Block,Filesystem"), KUBE_FIELD(nodeAffinity, 9),
            KUBE_FIELD(volumeAttributesClassName, 10))

KUBE_FIELDS(PersistentVolumeStatus, KUBE_FIELD(phase, 1), KUBE_FIELD(message, 2),
            KUBE_FIELD(reason, 3), KUBE_FIELD(lastPhaseTransitionTime, 4))

KUBE_FIELDS(PersistentVolume, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
