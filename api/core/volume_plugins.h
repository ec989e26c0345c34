// SPDX-License-Identifier: Apache-2.0
// Volume sources of the storage systems that once had a plugin in the tree of Kubernetes: read and
// kept, served by none of ours.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/scalars.h"

namespace skiff::api {

// An AWS EBS disk.
struct AWSElasticBlockStoreVolumeSource {
  std::string volumeID;
  std::string fsType;
  int32_t partition = 0;
  bool readOnly = false;
};
KUBE_TYPE(AWSElasticBlockStoreVolumeSource)

// An Azure disk.
struct AzureDiskVolumeSource {
  std::string diskName;
  std::string diskURI;
  std::optional<std::string> cachingMode;
  std::optional<std::string> fsType;
  std::optional<bool> readOnly;
  std::optional<std::string> kind;
};
KUBE_TYPE(AzureDiskVolumeSource)

// An Azure file share.
struct AzureFileVolumeSource {
  std::string secretName;
  std::string shareName;
  bool readOnly = false;
};
KUBE_TYPE(AzureFileVolumeSource)

// An Azure file share, of a persistent volume.
struct AzureFilePersistentVolumeSource {
  std::string secretName;
  std::string shareName;
  bool readOnly = false;
  std::optional<std::string> secretNamespace;
};
KUBE_TYPE(AzureFilePersistentVolumeSource)

// A CephFS file system.
struct CephFSVolumeSource {
  std::vector<std::string> monitors;
  std::string path;
  std::string user;
  std::string secretFile;
  Box<LocalObjectReference> secretRef;
  bool readOnly = false;
};
KUBE_TYPE(CephFSVolumeSource)

// A CephFS file system, of a persistent volume.
struct CephFSPersistentVolumeSource {
  std::vector<std::string> monitors;
  std::string path;
  std::string user;
  std::string secretFile;
  Box<SecretReference> secretRef;
  bool readOnly = false;
};
KUBE_TYPE(CephFSPersistentVolumeSource)

// An OpenStack Cinder disk.
struct CinderVolumeSource {
  std::string volumeID;
  std::string fsType;
  bool readOnly = false;
  Box<LocalObjectReference> secretRef;
};
KUBE_TYPE(CinderVolumeSource)

// An OpenStack Cinder disk, of a persistent volume.
struct CinderPersistentVolumeSource {
  std::string volumeID;
  std::string fsType;
  bool readOnly = false;
  Box<SecretReference> secretRef;
};
KUBE_TYPE(CinderPersistentVolumeSource)

// A Fibre Channel disk.
struct FCVolumeSource {
  std::vector<std::string> targetWWNs;
  std::optional<int32_t> lun;
  std::string fsType;
  bool readOnly = false;
  std::vector<std::string> wwids;
};
KUBE_TYPE(FCVolumeSource)

// A volume of an executable plugin.
struct FlexVolumeSource {
  std::string driver;
  std::string fsType;
  Box<LocalObjectReference> secretRef;
  bool readOnly = false;
  std::map<std::string, std::string> options;
};
KUBE_TYPE(FlexVolumeSource)

// A volume of an executable plugin, of a persistent volume.
struct FlexPersistentVolumeSource {
  std::string driver;
  std::string fsType;
  Box<SecretReference> secretRef;
  bool readOnly = false;
  std::map<std::string, std::string> options;
};
KUBE_TYPE(FlexPersistentVolumeSource)

// A Flocker dataset.
struct FlockerVolumeSource {
  std::string datasetName;
  std::string datasetUUID;
};
KUBE_TYPE(FlockerVolumeSource)

// A Google Compute Engine disk.
struct GCEPersistentDiskVolumeSource {
  std::string pdName;
  std::string fsType;
  int32_t partition = 0;
  bool readOnly = false;
};
KUBE_TYPE(GCEPersistentDiskVolumeSource)

// A clone of a git repository.
struct GitRepoVolumeSource {
  std::string repository;
  std::string revision;
  std::string directory;
};
KUBE_TYPE(GitRepoVolumeSource)

// A Gluster volume.
struct GlusterfsVolumeSource {
  std::string endpoints;
  std::string path;
  bool readOnly = false;
};
KUBE_TYPE(GlusterfsVolumeSource)

// A Gluster volume, of a persistent volume.
struct GlusterfsPersistentVolumeSource {
  std::string endpoints;
  std::string path;
  bool readOnly = false;
  std::optional<std::string> endpointsNamespace;
};
KUBE_TYPE(GlusterfsPersistentVolumeSource)

// An iSCSI disk.
struct ISCSIVolumeSource {
  std::string targetPortal;
  std::string iqn;
  int32_t lun = 0;
  std::string iscsiInterface;
  std::string fsType;
  bool readOnly = false;
  std::vector<std::string> portals;
  bool chapAuthDiscovery = false;
  Box<LocalObjectReference> secretRef;
  bool chapAuthSession = false;
  std::optional<std::string> initiatorName;
};
KUBE_TYPE(ISCSIVolumeSource)

// An iSCSI disk, of a persistent volume.
struct ISCSIPersistentVolumeSource {
  std::string targetPortal;
  std::string iqn;
  int32_t lun = 0;
  std::string iscsiInterface;
  std::string fsType;
  bool readOnly = false;
  std::vector<std::string> portals;
  bool chapAuthDiscovery = false;
  Box<SecretReference> secretRef;
  bool chapAuthSession = false;
  std::optional<std::string> initiatorName;
};
KUBE_TYPE(ISCSIPersistentVolumeSource)

// A Photon Controller disk.
struct PhotonPersistentDiskVolumeSource {
  std::string pdID;
  std::string fsType;
};
KUBE_TYPE(PhotonPersistentDiskVolumeSource)

// A Portworx volume.
struct PortworxVolumeSource {
  std::string volumeID;
  std::string fsType;
  bool readOnly = false;
};
KUBE_TYPE(PortworxVolumeSource)

// A Quobyte volume.
struct QuobyteVolumeSource {
  std::string registry;
  std::string volume;
  bool readOnly = false;
  std::string user;
  std::string group;
  std::string tenant;
};
KUBE_TYPE(QuobyteVolumeSource)

// A Ceph block device.
struct RBDVolumeSource {
  std::vector<std::string> monitors;
  std::string image;
  std::string fsType;
  std::string pool;
  std::string user;
  std::string keyring;
  Box<LocalObjectReference> secretRef;
  bool readOnly = false;
};
KUBE_TYPE(RBDVolumeSource)

// A Ceph block device, of a persistent volume.
struct RBDPersistentVolumeSource {
  std::vector<std::string> monitors;
  std::string image;
  std::string fsType;
  std::string pool;
  std::string user;
  std::string keyring;
  Box<SecretReference> secretRef;
  bool readOnly = false;
};
KUBE_TYPE(RBDPersistentVolumeSource)

// A ScaleIO volume.
struct ScaleIOVolumeSource {
  std::string gateway;
  std::string system;
  Box<LocalObjectReference> secretRef;
  bool sslEnabled = false;
  std::string protectionDomain;
  std::string storagePool;
  std::string storageMode;
  std::string volumeName;
  std::string fsType;
  bool readOnly = false;
};
KUBE_TYPE(ScaleIOVolumeSource)

// A ScaleIO volume, of a persistent volume.
struct ScaleIOPersistentVolumeSource {
  std::string gateway;
  std::string system;
  Box<SecretReference> secretRef;
  bool sslEnabled = false;
  std::string protectionDomain;
  std::string storagePool;
  std::string storageMode;
  std::string volumeName;
  std::string fsType;
  bool readOnly = false;
};
KUBE_TYPE(ScaleIOPersistentVolumeSource)

// A StorageOS volume.
struct StorageOSVolumeSource {
  std::string volumeName;
  std::string volumeNamespace;
  std::string fsType;
  bool readOnly = false;
  Box<LocalObjectReference> secretRef;
};
KUBE_TYPE(StorageOSVolumeSource)

// A StorageOS volume, of a persistent volume.
struct StorageOSPersistentVolumeSource {
  std::string volumeName;
  std::string volumeNamespace;
  std::string fsType;
  bool readOnly = false;
  Box<ObjectReference> secretRef;
};
KUBE_TYPE(StorageOSPersistentVolumeSource)

// A vSphere disk.
struct VsphereVirtualDiskVolumeSource {
  std::string volumePath;
  std::string fsType;
  std::string storagePolicyName;
  std::string storagePolicyID;
};
KUBE_TYPE(VsphereVirtualDiskVolumeSource)

}  // namespace skiff::api
