// SPDX-License-Identifier: Apache-2.0
#include "api/core/volume_plugins.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(AWSElasticBlockStoreVolumeSource, KUBE_FIELD(volumeID, 1, .required = true),
            KUBE_FIELD(fsType, 2), KUBE_FIELD(partition, 3), KUBE_FIELD(readOnly, 4))

KUBE_FIELDS(AzureDiskVolumeSource, KUBE_FIELD(diskName, 1, .required = true),
            KUBE_FIELD(diskURI, 2, .required = true), KUBE_FIELD(cachingMode, 3),
            KUBE_FIELD(fsType, 4), KUBE_FIELD(readOnly, 5), KUBE_FIELD(kind, 6))

KUBE_FIELDS(AzureFileVolumeSource, KUBE_FIELD(secretName, 1, .required = true),
            KUBE_FIELD(shareName, 2, .required = true), KUBE_FIELD(readOnly, 3))

KUBE_FIELDS(AzureFilePersistentVolumeSource, KUBE_FIELD(secretName, 1, .required = true),
            KUBE_FIELD(shareName, 2, .required = true), KUBE_FIELD(readOnly, 3),
            KUBE_FIELD(secretNamespace, 4))

KUBE_FIELDS(CephFSVolumeSource, KUBE_FIELD(monitors, 1, .required = true), KUBE_FIELD(path, 2),
            KUBE_FIELD(user, 3), KUBE_FIELD(secretFile, 4), KUBE_FIELD(secretRef, 5),
            KUBE_FIELD(readOnly, 6))

KUBE_FIELDS(CephFSPersistentVolumeSource, KUBE_FIELD(monitors, 1, .required = true),
            KUBE_FIELD(path, 2), KUBE_FIELD(user, 3), KUBE_FIELD(secretFile, 4),
            KUBE_FIELD(secretRef, 5), KUBE_FIELD(readOnly, 6))

KUBE_FIELDS(CinderVolumeSource, KUBE_FIELD(volumeID, 1, .required = true), KUBE_FIELD(fsType, 2),
            KUBE_FIELD(readOnly, 3), KUBE_FIELD(secretRef, 4))

KUBE_FIELDS(CinderPersistentVolumeSource, KUBE_FIELD(volumeID, 1, .required = true),
            KUBE_FIELD(fsType, 2), KUBE_FIELD(readOnly, 3), KUBE_FIELD(secretRef, 4))

KUBE_FIELDS(FCVolumeSource, KUBE_FIELD(targetWWNs, 1), KUBE_FIELD(lun, 2), KUBE_FIELD(fsType, 3),
            KUBE_FIELD(readOnly, 4), KUBE_FIELD(wwids, 5))

KUBE_FIELDS(FlexVolumeSource, KUBE_FIELD(driver, 1, .required = true), KUBE_FIELD(fsType, 2),
            KUBE_FIELD(secretRef, 3), KUBE_FIELD(readOnly, 4), KUBE_FIELD(options, 5))

KUBE_FIELDS(FlexPersistentVolumeSource, KUBE_FIELD(driver, 1, .required = true),
            KUBE_FIELD(fsType, 2), KUBE_FIELD(secretRef, 3), KUBE_FIELD(readOnly, 4),
            KUBE_FIELD(options, 5))

KUBE_FIELDS(FlockerVolumeSource, KUBE_FIELD(datasetName, 1), KUBE_FIELD(datasetUUID, 2))

KUBE_FIELDS(GCEPersistentDiskVolumeSource, KUBE_FIELD(pdName, 1, .required = true),
            KUBE_FIELD(fsType, 2), KUBE_FIELD(partition, 3), KUBE_FIELD(readOnly, 4))

KUBE_FIELDS(GitRepoVolumeSource, KUBE_FIELD(repository, 1, .required = true),
            KUBE_FIELD(revision, 2), KUBE_FIELD(directory, 3))

KUBE_FIELDS(GlusterfsVolumeSource, KUBE_FIELD(endpoints, 1, .required = true),
            KUBE_FIELD(path, 2, .required = true), KUBE_FIELD(readOnly, 3))

KUBE_FIELDS(GlusterfsPersistentVolumeSource, KUBE_FIELD(endpoints, 1, .required = true),
            KUBE_FIELD(path, 2, .required = true), KUBE_FIELD(readOnly, 3),
            KUBE_FIELD(endpointsNamespace, 4))

KUBE_FIELDS(ISCSIVolumeSource, KUBE_FIELD(targetPortal, 1, .required = true),
            KUBE_FIELD(iqn, 2, .required = true), KUBE_FIELD(lun, 3, .required = true),
            KUBE_FIELD(iscsiInterface, 4), KUBE_FIELD(fsType, 5), KUBE_FIELD(readOnly, 6),
            KUBE_FIELD(portals, 7), KUBE_FIELD(chapAuthDiscovery, 8), KUBE_FIELD(secretRef, 10),
            KUBE_FIELD(chapAuthSession, 11), KUBE_FIELD(initiatorName, 12))

KUBE_FIELDS(ISCSIPersistentVolumeSource, KUBE_FIELD(targetPortal, 1, .required = true),
            KUBE_FIELD(iqn, 2, .required = true), KUBE_FIELD(lun, 3, .required = true),
            KUBE_FIELD(iscsiInterface, 4), KUBE_FIELD(fsType, 5), KUBE_FIELD(readOnly, 6),
            KUBE_FIELD(portals, 7), KUBE_FIELD(chapAuthDiscovery, 8), KUBE_FIELD(secretRef, 10),
            KUBE_FIELD(chapAuthSession, 11), KUBE_FIELD(initiatorName, 12))

KUBE_FIELDS(PhotonPersistentDiskVolumeSource, KUBE_FIELD(pdID, 1, .required = true),
            KUBE_FIELD(fsType, 2))

KUBE_FIELDS(PortworxVolumeSource, KUBE_FIELD(volumeID, 1, .required = true), KUBE_FIELD(fsType, 2),
            KUBE_FIELD(readOnly, 3))

KUBE_FIELDS(QuobyteVolumeSource, KUBE_FIELD(registry, 1, .required = true),
            KUBE_FIELD(volume, 2, .required = true), KUBE_FIELD(readOnly, 3), KUBE_FIELD(user, 4),
            KUBE_FIELD(group, 5), KUBE_FIELD(tenant, 6))

KUBE_FIELDS(RBDVolumeSource, KUBE_FIELD(monitors, 1, .required = true),
            KUBE_FIELD(image, 2, .required = true), KUBE_FIELD(fsType, 3), KUBE_FIELD(pool, 4),
            KUBE_FIELD(user, 5), KUBE_FIELD(keyring, 6), KUBE_FIELD(secretRef, 7),
            KUBE_FIELD(readOnly, 8))

KUBE_FIELDS(RBDPersistentVolumeSource, KUBE_FIELD(monitors, 1, .required = true),
            KUBE_FIELD(image, 2, .required = true), KUBE_FIELD(fsType, 3), KUBE_FIELD(pool, 4),
            KUBE_FIELD(user, 5), KUBE_FIELD(keyring, 6), KUBE_FIELD(secretRef, 7),
            KUBE_FIELD(readOnly, 8))

KUBE_FIELDS(ScaleIOVolumeSource, KUBE_FIELD(gateway, 1, .required = true),
            KUBE_FIELD(system, 2, .required = true), KUBE_FIELD(secretRef, 3, .required = true),
            KUBE_FIELD(sslEnabled, 4), KUBE_FIELD(protectionDomain, 5), KUBE_FIELD(storagePool, 6),
            KUBE_FIELD(storageMode, 7), KUBE_FIELD(volumeName, 8), KUBE_FIELD(fsType, 9),
            KUBE_FIELD(readOnly, 10))

KUBE_FIELDS(ScaleIOPersistentVolumeSource, KUBE_FIELD(gateway, 1, .required = true),
            KUBE_FIELD(system, 2, .required = true), KUBE_FIELD(secretRef, 3, .required = true),
            KUBE_FIELD(sslEnabled, 4), KUBE_FIELD(protectionDomain, 5), KUBE_FIELD(storagePool, 6),
            KUBE_FIELD(storageMode, 7), KUBE_FIELD(volumeName, 8), KUBE_FIELD(fsType, 9),
            KUBE_FIELD(readOnly, 10))

KUBE_FIELDS(StorageOSVolumeSource, KUBE_FIELD(volumeName, 1), KUBE_FIELD(volumeNamespace, 2),
            KUBE_FIELD(fsType, 3), KUBE_FIELD(readOnly, 4), KUBE_FIELD(secretRef, 5))

KUBE_FIELDS(StorageOSPersistentVolumeSource, KUBE_FIELD(volumeName, 1),
            KUBE_FIELD(volumeNamespace, 2), KUBE_FIELD(fsType, 3), KUBE_FIELD(readOnly, 4),
            KUBE_FIELD(secretRef, 5))

KUBE_FIELDS(VsphereVirtualDiskVolumeSource, KUBE_FIELD(volumePath, 1, .required = true),
            KUBE_FIELD(fsType, 2), KUBE_FIELD(storagePolicyName, 3), KUBE_FIELD(storagePolicyID, 4))

}  // namespace skiff::api
