// SPDX-License-Identifier: Apache-2.0
#include "api/core/pod.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(PodDNSConfigOption, KUBE_FIELD(name, 1), KUBE_FIELD(value, 2))

KUBE_FIELDS(PodDNSConfig, KUBE_FIELD(nameservers, 1), KUBE_FIELD(searches, 2),
            KUBE_FIELD(options, 3))

KUBE_FIELDS(HostAlias, KUBE_FIELD(ip, 1, .required = true), KUBE_FIELD(hostnames, 2))

KUBE_FIELDS(PodOS, KUBE_FIELD(name, 1, .required = true, .values = "linux,windows"))

KUBE_FIELDS(PodReadinessGate, KUBE_FIELD(conditionType, 1, .required = true))

KUBE_FIELDS(PodSchedulingGate, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(PodResourceClaim, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(resourceClaimName, 3), KUBE_FIELD(resourceClaimTemplateName, 4))

KUBE_FIELDS(
    PodSpec,
    KUBE_FIELD(volumes, 1, .patch = Patch::kMergeRetainKeys, .list = ListType::kMap,
               .merge_key = "name", .keys = "name", .doc = "volumes that containers may mount"),
    KUBE_FIELD(containers, 2, .required = true, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "name", .keys = "name", .doc = "containers that run side by side"),
    KUBE_FIELD(restartPolicy, 3, .values = "Always,Never,OnFailure",
               .doc = "when ended containers are started again"),
    KUBE_FIELD(terminationGracePeriodSeconds, 4, .min = 0,
               .doc = "time between SIGTERM and SIGKILL"),
    KUBE_FIELD(activeDeadlineSeconds, 5, .min = 1, .max = 2147483647),
    KUBE_FIELD(dnsPolicy, 6, .values = "ClusterFirst,ClusterFirstWithHostNet,Default,None",
               .doc = "where names are looked up"),
    KUBE_FIELD(nodeSelector, 7, .atomic = true, .doc = "labels the node must have"),
    KUBE_FIELD(serviceAccountName, 8, .doc = "the identity of its processes"),
    KUBE_FIELD(serviceAccount, 9), KUBE_FIELD(nodeName, 10, .doc = "the node it is bound to"),
    KUBE_FIELD(hostNetwork, 11, .doc = "use the network of the node"), KUBE_FIELD(hostPID, 12),
    KUBE_FIELD(hostIPC, 13), KUBE_FIELD(securityContext, 14),
    KUBE_FIELD(imagePullSecrets, 15, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "name", .keys = "name"),
    KUBE_FIELD(hostname, 16), KUBE_FIELD(subdomain, 17),
    KUBE_FIELD(affinity, 18, .doc = "where to run, near whom"),
    KUBE_FIELD(schedulerName, 19, .doc = "who schedules it"),
    KUBE_FIELD(initContainers, 20, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "name", .keys = "name",
               .doc = "containers that run to their end, one after another, before the others"),
    KUBE_FIELD(automountServiceAccountToken, 21),
    KUBE_FIELD(tolerations, 22, .doc = "taints it can live with"),
    KUBE_FIELD(hostAliases, 23, .patch = Patch::kMerge, .list = ListType::kMap, .merge_key = "ip",
               .keys = "ip"),
    KUBE_FIELD(priorityClassName, 24),
    KUBE_FIELD(priority, 25, .doc = "who goes first; from priorityClassName"),
    KUBE_FIELD(dnsConfig, 26), KUBE_FIELD(shareProcessNamespace, 27),
    KUBE_FIELD(readinessGates, 28), KUBE_FIELD(runtimeClassName, 29),
    KUBE_FIELD(enableServiceLinks, 30),
    KUBE_FIELD(preemptionPolicy, 31, .values = "Never,PreemptLowerPriority"),
    KUBE_FIELD(overhead, 32),
    KUBE_FIELD(topologySpreadConstraints, 33, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "topologyKey", .keys = "topologyKey,whenUnsatisfiable"),
    KUBE_FIELD(ephemeralContainers, 34, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "name", .keys = "name"),
    KUBE_FIELD(setHostnameAsFQDN, 35), KUBE_FIELD(os, 36), KUBE_FIELD(hostUsers, 37),
    KUBE_FIELD(schedulingGates, 38, .patch = Patch::kMerge, .list = ListType::kMap,
               .merge_key = "name", .keys = "name"),
    KUBE_FIELD(resourceClaims, 39, .patch = Patch::kMergeRetainKeys, .list = ListType::kMap,
               .merge_key = "name", .keys = "name"),
    KUBE_FIELD(resources, 40), KUBE_FIELD(hostnameOverride, 41))

KUBE_FIELDS(PodCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastProbeTime, 3, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 4, .null_zero = true), KUBE_FIELD(reason, 5),
            KUBE_FIELD(message, 6), KUBE_FIELD(observedGeneration, 7))

KUBE_FIELDS(PodIP, KUBE_FIELD(ip, 1, .required = true))

KUBE_FIELDS(HostIP, KUBE_FIELD(ip, 1, .required = true))

KUBE_FIELDS(PodResourceClaimStatus, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(resourceClaimName, 2))

KUBE_FIELDS(ContainerExtendedResourceRequest, KUBE_FIELD(containerName, 1, .required = true),
            KUBE_FIELD(resourceName, 2, .required = true),
            KUBE_FIELD(requestName, 3, .required = true))

KUBE_FIELDS(PodExtendedResourceClaimStatus, KUBE_FIELD(requestMappings, 1, .required = true),
            KUBE_FIELD(resourceClaimName, 2, .required = true))

KUBE_FIELDS(PodStatus,
            KUBE_FIELD(phase, 1, .doc = "Pending, Running, Succeeded, Failed or Unknown"),
            KUBE_FIELD(conditions, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type", .doc = "aspects of its state"),
            KUBE_FIELD(message, 3), KUBE_FIELD(reason, 4),
            KUBE_FIELD(hostIP, 5, .doc = "the address of its node"),
            KUBE_FIELD(podIP, 6, .doc = "its address"), KUBE_FIELD(startTime, 7),
            KUBE_FIELD(containerStatuses, 8, .doc = "its containers as the kubelet sees them"),
            KUBE_FIELD(qosClass, 9, .doc = "Guaranteed, Burstable or BestEffort"),
            KUBE_FIELD(initContainerStatuses, 10), KUBE_FIELD(nominatedNodeName, 11),
            KUBE_FIELD(podIPs, 12, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "ip", .keys = "ip"),
            KUBE_FIELD(ephemeralContainerStatuses, 13), KUBE_FIELD(resize, 14),
            KUBE_FIELD(resourceClaimStatuses, 15, .patch = Patch::kMergeRetainKeys,
                       .list = ListType::kMap, .merge_key = "name", .keys = "name"),
            KUBE_FIELD(hostIPs, 16, .patch = Patch::kMerge, .merge_key = "ip"),
            KUBE_FIELD(observedGeneration, 17), KUBE_FIELD(extendedResourceClaimStatus, 18))

KUBE_FIELDS(Pod, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(PodTemplateSpec, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"))

KUBE_FIELDS(PodTemplate, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(template_, 2))

KUBE_FIELDS(Binding, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(target, 2, .required = true, .immutable = true))

}  // namespace skiff::api
