// SPDX-License-Identifier: Apache-2.0
// Persistent volumes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/affinity.h"
#include "api/core/reference.h"
#include "api/core/volume.h"
#include "api/core/volume_plugins.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The nodes that reach a volume.
struct VolumeNodeAffinity {
  Box<NodeSelector> required;
};
KUBE_TYPE(VolumeNodeAffinity)

// A disk or directory of one node.
struct LocalVolumeSource {
  std::string path;
  std::optional<std::string> fsType;
};
KUBE_TYPE(LocalVolumeSource)

// A volume of a CSI driver.
struct CSIPersistentVolumeSource {
  std::string driver;
  std::string volumeHandle;
  bool readOnly = false;
  std::string fsType;
  std::map<std::string, std::string> volumeAttributes;
  Box<SecretReference> controllerPublishSecretRef;
  Box<SecretReference> nodeStageSecretRef;
  Box<SecretReference> nodePublishSecretRef;
  Box<SecretReference> controllerExpandSecretRef;
  Box<SecretReference> nodeExpandSecretRef;
};
KUBE_TYPE(CSIPersistentVolumeSource)

// A piece of storage: exactly one source is set.
struct PersistentVolumeSpec {
  std::map<std::string, Quantity> capacity;
  Box<GCEPersistentDiskVolumeSource> gcePersistentDisk;
  Box<AWSElasticBlockStoreVolumeSource> awsElasticBlockStore;
  Box<HostPathVolumeSource> hostPath;
  Box<GlusterfsPersistentVolumeSource> glusterfs;
  Box<NFSVolumeSource> nfs;
  Box<RBDPersistentVolumeSource> rbd;
  Box<ISCSIPersistentVolumeSource> iscsi;
  Box<CinderPersistentVolumeSource> cinder;
  Box<CephFSPersistentVolumeSource> cephfs;
  Box<FCVolumeSource> fc;
  Box<FlockerVolumeSource> flocker;
  Box<FlexPersistentVolumeSource> flexVolume;
  Box<AzureFilePersistentVolumeSource> azureFile;
  Box<VsphereVirtualDiskVolumeSource> vsphereVolume;
  Box<QuobyteVolumeSource> quobyte;
  Box<AzureDiskVolumeSource> azureDisk;
  Box<PhotonPersistentDiskVolumeSource> photonPersistentDisk;
  Box<PortworxVolumeSource> portworxVolume;
  Box<ScaleIOPersistentVolumeSource> scaleIO;
  Box<LocalVolumeSource> local;
  Box<StorageOSPersistentVolumeSource> storageos;
  Box<CSIPersistentVolumeSource> csi;
  std::vector<std::string> accessModes;
  Box<ObjectReference> claimRef;
  std::string persistentVolumeReclaimPolicy;
  std::string storageClassName;
  std::vector<std::string> mountOptions;
  std::optional<std::string> volumeMode;
  Box<VolumeNodeAffinity> nodeAffinity;
  std::optional<std::string> volumeAttributesClassName;
};
KUBE_TYPE(PersistentVolumeSpec)

// What became of a volume.
struct PersistentVolumeStatus {
  std::string phase;
  std::string message;
  std::string reason;
  Time lastPhaseTransitionTime;
};
KUBE_TYPE(PersistentVolumeStatus)

// A piece of storage of the cluster.
struct PersistentVolume {
  ObjectMeta metadata;
  PersistentVolumeSpec spec;
  PersistentVolumeStatus status;
};
KUBE_TYPE(PersistentVolume)

}  // namespace skiff::api
