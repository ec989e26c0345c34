// SPDX-License-Identifier: Apache-2.0
// Volumes of a pod and where their content comes from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/claim.h"
#include "api/core/reference.h"
#include "api/core/volume_plugins.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Which key goes to which file.
struct KeyToPath {
  std::string key;
  std::string path;
  std::optional<int32_t> mode;
};
KUBE_TYPE(KeyToPath)

// A field of the pod.
struct ObjectFieldSelector {
  std::string apiVersion;
  std::string fieldPath;
};
KUBE_TYPE(ObjectFieldSelector)

// A request or limit of a container.
struct ResourceFieldSelector {
  std::string containerName;
  std::string resource;
  Quantity divisor;
};
KUBE_TYPE(ResourceFieldSelector)

// An empty directory that lives as long as the pod.
struct EmptyDirVolumeSource {
  std::string medium;
  std::optional<Quantity> sizeLimit;
};
KUBE_TYPE(EmptyDirVolumeSource)

// A file or directory of the node.
struct HostPathVolumeSource {
  std::string path;
  std::optional<std::string> type;
};
KUBE_TYPE(HostPathVolumeSource)

// The keys of a ConfigMap as files.
struct ConfigMapVolumeSource {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<int32_t> defaultMode;
  std::optional<bool> optional;
};
KUBE_TYPE(ConfigMapVolumeSource)

// The keys of a Secret as files.
struct SecretVolumeSource {
  std::string secretName;
  std::vector<KeyToPath> items;
  std::optional<int32_t> defaultMode;
  std::optional<bool> optional;
};
KUBE_TYPE(SecretVolumeSource)

// One file with a field of the pod.
struct DownwardAPIVolumeFile {
  std::string path;
  Box<ObjectFieldSelector> fieldRef;
  Box<ResourceFieldSelector> resourceFieldRef;
  std::optional<int32_t> mode;
};
KUBE_TYPE(DownwardAPIVolumeFile)

// Fields of the pod as files.
struct DownwardAPIVolumeSource {
  std::vector<DownwardAPIVolumeFile> items;
  std::optional<int32_t> defaultMode;
};
KUBE_TYPE(DownwardAPIVolumeSource)

// A ConfigMap within a projected volume.
struct ConfigMapProjection {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
};
KUBE_TYPE(ConfigMapProjection)

// A Secret within a projected volume.
struct SecretProjection {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
};
KUBE_TYPE(SecretProjection)

// Fields of the pod within a projected volume.
struct DownwardAPIProjection {
  std::vector<DownwardAPIVolumeFile> items;
};
KUBE_TYPE(DownwardAPIProjection)

// A token of the pod's service account, renewed before it expires.
struct ServiceAccountTokenProjection {
  std::string audience;
  std::optional<int64_t> expirationSeconds;
  std::string path;
};
KUBE_TYPE(ServiceAccountTokenProjection)

// Trust anchors within a projected volume.
struct ClusterTrustBundleProjection {
  std::optional<std::string> name;
  std::optional<std::string> signerName;
  Box<LabelSelector> labelSelector;
  std::string path;
  std::optional<bool> optional;
};
KUBE_TYPE(ClusterTrustBundleProjection)

// A key and certificate of the pod within a projected volume.
struct PodCertificateProjection {
  std::string signerName;
  std::string keyType;
  std::optional<int32_t> maxExpirationSeconds;
  std::string credentialBundlePath;
  std::string keyPath;
  std::string certificateChainPath;
};
KUBE_TYPE(PodCertificateProjection)

// One source of a projected volume: exactly one is set.
struct VolumeProjection {
  Box<SecretProjection> secret;
  Box<DownwardAPIProjection> downwardAPI;
  Box<ConfigMapProjection> configMap;
  Box<ServiceAccountTokenProjection> serviceAccountToken;
  Box<ClusterTrustBundleProjection> clusterTrustBundle;
  Box<PodCertificateProjection> podCertificate;
};
KUBE_TYPE(VolumeProjection)

// Several sources in one directory.
struct ProjectedVolumeSource {
  std::vector<VolumeProjection> sources;
  std::optional<int32_t> defaultMode;
};
KUBE_TYPE(ProjectedVolumeSource)

// The volume bound to a claim.
struct PersistentVolumeClaimVolumeSource {
  std::string claimName;
  bool readOnly = false;
};
KUBE_TYPE(PersistentVolumeClaimVolumeSource)

// A claim that is made for the pod and goes with it.
struct EphemeralVolumeSource {
  Box<PersistentVolumeClaimTemplate> volumeClaimTemplate;
};
KUBE_TYPE(EphemeralVolumeSource)

// An ephemeral volume of a CSI driver.
struct CSIVolumeSource {
  std::string driver;
  std::optional<bool> readOnly;
  std::optional<std::string> fsType;
  std::map<std::string, std::string> volumeAttributes;
  Box<LocalObjectReference> nodePublishSecretRef;
};
KUBE_TYPE(CSIVolumeSource)

// A directory of an NFS server.
struct NFSVolumeSource {
  std::string server;
  std::string path;
  bool readOnly = false;
};
KUBE_TYPE(NFSVolumeSource)

// The content of an OCI image, read only.
struct ImageVolumeSource {
  std::string reference;
  std::string pullPolicy;
};
KUBE_TYPE(ImageVolumeSource)

// A named volume of a pod: exactly one source is set.
struct Volume {
  std::string name;
  Box<HostPathVolumeSource> hostPath;
  Box<EmptyDirVolumeSource> emptyDir;
  Box<GCEPersistentDiskVolumeSource> gcePersistentDisk;
  Box<AWSElasticBlockStoreVolumeSource> awsElasticBlockStore;
  Box<GitRepoVolumeSource> gitRepo;
  Box<SecretVolumeSource> secret;
  Box<NFSVolumeSource> nfs;
  Box<ISCSIVolumeSource> iscsi;
  Box<GlusterfsVolumeSource> glusterfs;
  Box<PersistentVolumeClaimVolumeSource> persistentVolumeClaim;
  Box<RBDVolumeSource> rbd;
  Box<FlexVolumeSource> flexVolume;
  Box<CinderVolumeSource> cinder;
  Box<CephFSVolumeSource> cephfs;
  Box<FlockerVolumeSource> flocker;
  Box<DownwardAPIVolumeSource> downwardAPI;
  Box<FCVolumeSource> fc;
  Box<AzureFileVolumeSource> azureFile;
  Box<ConfigMapVolumeSource> configMap;
  Box<VsphereVirtualDiskVolumeSource> vsphereVolume;
  Box<QuobyteVolumeSource> quobyte;
  Box<AzureDiskVolumeSource> azureDisk;
  Box<PhotonPersistentDiskVolumeSource> photonPersistentDisk;
  Box<PortworxVolumeSource> portworxVolume;
  Box<ScaleIOVolumeSource> scaleIO;
  Box<ProjectedVolumeSource> projected;
  Box<StorageOSVolumeSource> storageos;
  Box<CSIVolumeSource> csi;
  Box<EphemeralVolumeSource> ephemeral;
  Box<ImageVolumeSource> image;
};
KUBE_TYPE(Volume)

}  // namespace skiff::api
