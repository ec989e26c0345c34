// SPDX-License-Identifier: Apache-2.0
#include "api/core/volume.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(KeyToPath, KUBE_FIELD(key, 1, .required = true), KUBE_FIELD(path, 2, .required = true),
            KUBE_FIELD(mode, 3, .min = 0, .max = 511))

KUBE_ATOMIC(ObjectFieldSelector, KUBE_FIELD(apiVersion, 1),
            KUBE_FIELD(fieldPath, 2, .required = true))

KUBE_ATOMIC(ResourceFieldSelector, KUBE_FIELD(containerName, 1),
            KUBE_FIELD(resource, 2, .required = true), KUBE_FIELD(divisor, 3))

KUBE_FIELDS(EmptyDirVolumeSource, KUBE_FIELD(medium, 1), KUBE_FIELD(sizeLimit, 2))

KUBE_FIELDS(
    HostPathVolumeSource, KUBE_FIELD(path, 1, .required = true),
    KUBE_FIELD(
        type, 2,
        .values = ",BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket"))

KUBE_FIELDS(ConfigMapVolumeSource, KUBE_FIELD(name, 1, .outer = 1), KUBE_FIELD(items, 2),
            KUBE_FIELD(defaultMode, 3, .min = 0, .max = 511), KUBE_FIELD(optional, 4))

KUBE_FIELDS(SecretVolumeSource, KUBE_FIELD(secretName, 1), KUBE_FIELD(items, 2),
            KUBE_FIELD(defaultMode, 3, .min = 0, .max = 511), KUBE_FIELD(optional, 4))

KUBE_FIELDS(DownwardAPIVolumeFile, KUBE_FIELD(path, 1, .required = true), KUBE_FIELD(fieldRef, 2),
            KUBE_FIELD(resourceFieldRef, 3), KUBE_FIELD(mode, 4, .min = 0, .max = 511))

KUBE_FIELDS(DownwardAPIVolumeSource, KUBE_FIELD(items, 1),
            KUBE_FIELD(defaultMode, 2, .min = 0, .max = 511))

KUBE_FIELDS(ConfigMapProjection, KUBE_FIELD(name, 1, .outer = 1), KUBE_FIELD(items, 2),
            KUBE_FIELD(optional, 4))

KUBE_FIELDS(SecretProjection, KUBE_FIELD(name, 1, .outer = 1), KUBE_FIELD(items, 2),
            KUBE_FIELD(optional, 4))

KUBE_FIELDS(DownwardAPIProjection, KUBE_FIELD(items, 1))

KUBE_FIELDS(ServiceAccountTokenProjection, KUBE_FIELD(audience, 1),
            KUBE_FIELD(expirationSeconds, 2, .min = 600, .max = 4294967296),
            KUBE_FIELD(path, 3, .required = true))

KUBE_FIELDS(ClusterTrustBundleProjection, KUBE_FIELD(name, 1), KUBE_FIELD(signerName, 2),
            KUBE_FIELD(labelSelector, 3), KUBE_FIELD(path, 4, .required = true),
            KUBE_FIELD(optional, 5))

KUBE_FIELDS(PodCertificateProjection, KUBE_FIELD(signerName, 1, .required = true),
            KUBE_FIELD(keyType, 2, .required = true), KUBE_FIELD(maxExpirationSeconds, 3),
            KUBE_FIELD(credentialBundlePath, 4), KUBE_FIELD(keyPath, 5),
            KUBE_FIELD(certificateChainPath, 6))

KUBE_FIELDS(VolumeProjection, KUBE_FIELD(secret, 1), KUBE_FIELD(downwardAPI, 2),
            KUBE_FIELD(configMap, 3), KUBE_FIELD(serviceAccountToken, 4),
            KUBE_FIELD(clusterTrustBundle, 5), KUBE_FIELD(podCertificate, 6))

KUBE_FIELDS(ProjectedVolumeSource, KUBE_FIELD(sources, 1),
            KUBE_FIELD(defaultMode, 2, .min = 0, .max = 511))

KUBE_FIELDS(PersistentVolumeClaimVolumeSource, KUBE_FIELD(claimName, 1, .required = true),
            KUBE_FIELD(readOnly, 2))

KUBE_FIELDS(EphemeralVolumeSource, KUBE_FIELD(volumeClaimTemplate, 1))

KUBE_FIELDS(CSIVolumeSource, KUBE_FIELD(driver, 1, .required = true), KUBE_FIELD(readOnly, 2),
            KUBE_FIELD(fsType, 3), KUBE_FIELD(volumeAttributes, 4),
            KUBE_FIELD(nodePublishSecretRef, 5))

KUBE_FIELDS(NFSVolumeSource, KUBE_FIELD(server, 1, .required = true),
            KUBE_FIELD(path, 2, .required = true), KUBE_FIELD(readOnly, 3))

KUBE_FIELDS(ImageVolumeSource, KUBE_FIELD(reference, 1),
            KUBE_FIELD(pullPolicy, 2, .values = "Always,IfNotPresent,Never"))

KUBE_FIELDS(Volume, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(hostPath, 1, .outer = 2),
            KUBE_FIELD(emptyDir, 2, .outer = 2), KUBE_FIELD(gcePersistentDisk, 3, .outer = 2),
            KUBE_FIELD(awsElasticBlockStore, 4, .outer = 2), KUBE_FIELD(gitRepo, 5, .outer = 2),
            KUBE_FIELD(secret, 6, .outer = 2), KUBE_FIELD(nfs, 7, .outer = 2),
            KUBE_FIELD(iscsi, 8, .outer = 2), KUBE_FIELD(glusterfs, 9, .outer = 2),
            KUBE_FIELD(persistentVolumeClaim, 10, .outer = 2), KUBE_FIELD(rbd, 11, .outer = 2),
            KUBE_FIELD(flexVolume, 12, .outer = 2), KUBE_FIELD(cinder, 13, .outer = 2),
            KUBE_FIELD(cephfs, 14, .outer = 2), KUBE_FIELD(flocker, 15, .outer = 2),
            KUBE_FIELD(downwardAPI, 16, .outer = 2), KUBE_FIELD(fc, 17, .outer = 2),
            KUBE_FIELD(azureFile, 18, .outer = 2), KUBE_FIELD(configMap, 19, .outer = 2),
            KUBE_FIELD(vsphereVolume, 20, .outer = 2), KUBE_FIELD(quobyte, 21, .outer = 2),
            KUBE_FIELD(azureDisk, 22, .outer = 2), KUBE_FIELD(photonPersistentDisk, 23, .outer = 2),
            KUBE_FIELD(portworxVolume, 24, .outer = 2), KUBE_FIELD(scaleIO, 25, .outer = 2),
            KUBE_FIELD(projected, 26, .outer = 2), KUBE_FIELD(storageos, 27, .outer = 2),
            KUBE_FIELD(csi, 28, .outer = 2), KUBE_FIELD(ephemeral, 29, .outer = 2),
            KUBE_FIELD(image, 30, .outer = 2))

}  // namespace skiff::api
