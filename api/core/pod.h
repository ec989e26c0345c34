// SPDX-License-Identifier: Apache-2.0
// Pods and pod templates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/affinity.h"
#include "api/core/container.h"
#include "api/core/container_status.h"
#include "api/core/reference.h"
#include "api/core/security.h"
#include "api/core/volume.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One resolver option.
struct PodDNSConfigOption {
  std::string name;
  std::optional<std::string> value;
};
KUBE_TYPE(PodDNSConfigOption)

// Resolver settings beside those of dnsPolicy.
struct PodDNSConfig {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<PodDNSConfigOption> options;
};
KUBE_TYPE(PodDNSConfig)

// A line of /etc/hosts.
struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
};
KUBE_TYPE(HostAlias)

// The operating system of a pod.
struct PodOS {
  std::string name;
};
KUBE_TYPE(PodOS)

// A condition that must hold for the pod to be ready.
struct PodReadinessGate {
  std::string conditionType;
};
KUBE_TYPE(PodReadinessGate)

// A gate that keeps the pod from being scheduled.
struct PodSchedulingGate {
  std::string name;
};
KUBE_TYPE(PodSchedulingGate)

// A resource claim of the pod.
struct PodResourceClaim {
  std::string name;
  std::optional<std::string> resourceClaimName;
  std::optional<std::string> resourceClaimTemplateName;
};
KUBE_TYPE(PodResourceClaim)

// What to run.
struct PodSpec {
  std::vector<Volume> volumes;
  std::vector<Container> containers;
  std::string restartPolicy;
  std::optional<int64_t> terminationGracePeriodSeconds;
  std::optional<int64_t> activeDeadlineSeconds;
  std::string dnsPolicy;
  std::map<std::string, std::string> nodeSelector;
  std::string serviceAccountName;
  std::string serviceAccount;
  std::string nodeName;
  bool hostNetwork = false;
  bool hostPID = false;
  bool hostIPC = false;
  Box<PodSecurityContext> securityContext;
  std::vector<LocalObjectReference> imagePullSecrets;
  std::string hostname;
  std::string subdomain;
  Box<Affinity> affinity;
  std::string schedulerName;
  std::vector<Container> initContainers;
  std::optional<bool> automountServiceAccountToken;
  std::vector<Toleration> tolerations;
  std::vector<HostAlias> hostAliases;
  std::string priorityClassName;
  std::optional<int32_t> priority;
  Box<PodDNSConfig> dnsConfig;
  std::optional<bool> shareProcessNamespace;
  std::vector<PodReadinessGate> readinessGates;
  std::optional<std::string> runtimeClassName;
  std::optional<bool> enableServiceLinks;
  std::optional<std::string> preemptionPolicy;
  std::map<std::string, Quantity> overhead;
  std::vector<TopologySpreadConstraint> topologySpreadConstraints;
  std::vector<EphemeralContainer> ephemeralContainers;
  std::optional<bool> setHostnameAsFQDN;
  Box<PodOS> os;
  std::optional<bool> hostUsers;
  std::vector<PodSchedulingGate> schedulingGates;
  std::vector<PodResourceClaim> resourceClaims;
  Box<ResourceRequirements> resources;
  std::optional<std::string> hostnameOverride;
};
KUBE_TYPE(PodSpec)

// One aspect of the pod's state.
struct PodCondition {
  std::string type;
  std::string status;
  Time lastProbeTime;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
  int64_t observedGeneration = 0;
};
KUBE_TYPE(PodCondition)

// One address of the pod.
struct PodIP {
  std::string ip;
};
KUBE_TYPE(PodIP)

// One address of its node.
struct HostIP {
  std::string ip;
};
KUBE_TYPE(HostIP)

// The claim made for an entry of resourceClaims.
struct PodResourceClaimStatus {
  std::string name;
  std::optional<std::string> resourceClaimName;
};
KUBE_TYPE(PodResourceClaimStatus)

// A container's extended resource and the claim's request that backs it.
struct ContainerExtendedResourceRequest {
  std::string containerName;
  std::string resourceName;
  std::string requestName;
};
KUBE_TYPE(ContainerExtendedResourceRequest)

// The claim made for extended resources.
struct PodExtendedResourceClaimStatus {
  std::vector<ContainerExtendedResourceRequest> requestMappings;
  std::string resourceClaimName;
};
KUBE_TYPE(PodExtendedResourceClaimStatus)

// What became of it.
struct PodStatus {
  std::string phase;
  std::vector<PodCondition> conditions;
  std::string message;
  std::string reason;
  std::string hostIP;
  std::string podIP;
  Time startTime;
  std::vector<ContainerStatus> containerStatuses;
  std::string qosClass;
  std::vector<ContainerStatus> initContainerStatuses;
  std::string nominatedNodeName;
  std::vector<PodIP> podIPs;
  std::vector<ContainerStatus> ephemeralContainerStatuses;
  std::string resize;
  std::vector<PodResourceClaimStatus> resourceClaimStatuses;
  std::vector<HostIP> hostIPs;
  int64_t observedGeneration = 0;
  Box<PodExtendedResourceClaimStatus> extendedResourceClaimStatus;
};
KUBE_TYPE(PodStatus)

// Containers that share a network, volumes and a fate.
struct Pod {
  ObjectMeta metadata;
  PodSpec spec;
  PodStatus status;
};
KUBE_TYPE(Pod)

// What a controller makes pods from.
struct PodTemplateSpec {
  ObjectMeta metadata;
  PodSpec spec;
};
KUBE_TYPE(PodTemplateSpec)

// A stored template.
struct PodTemplate {
  ObjectMeta metadata;
  PodTemplateSpec template_;
};
KUBE_TYPE(PodTemplate)

// Ties a pod to a node.
struct Binding {
  ObjectMeta metadata;
  ObjectReference target;
};
KUBE_TYPE(Binding)

}  // namespace skiff::api
