// SPDX-License-Identifier: Apache-2.0
#include "api/core/node.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ConfigMapNodeConfigSource, KUBE_FIELD(namespace_, 1, .required = true),
            KUBE_FIELD(name, 2, .required = true), KUBE_FIELD(uid, 3),
            KUBE_FIELD(resourceVersion, 4), KUBE_FIELD(kubeletConfigKey, 5, .required = true))

KUBE_FIELDS(NodeConfigSource, KUBE_FIELD(configMap, 2))

KUBE_FIELDS(NodeSpec, KUBE_FIELD(podCIDR, 1, .doc = "addresses for the pods of this node"),
            KUBE_FIELD(externalID, 2), KUBE_FIELD(providerID, 3),
            KUBE_FIELD(unschedulable, 4, .doc = "no new pods"),
            KUBE_FIELD(taints, 5, .doc = "keep off pods that do not tolerate them"),
            KUBE_FIELD(configSource, 6),
            KUBE_FIELD(podCIDRs, 7, .patch = Patch::kMerge, .list = ListType::kSet))

KUBE_FIELDS(NodeAddress, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(address, 2, .required = true))

KUBE_FIELDS(NodeCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(lastHeartbeatTime, 3, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 4, .null_zero = true), KUBE_FIELD(reason, 5),
            KUBE_FIELD(message, 6))

KUBE_FIELDS(DaemonEndpoint, KUBE_FIELD(Port, 1, .required = true, .min = 0, .max = 65535))

KUBE_FIELDS(NodeDaemonEndpoints, KUBE_FIELD(kubeletEndpoint, 1))

KUBE_FIELDS(NodeSwapStatus, KUBE_FIELD(capacity, 1))

KUBE_FIELDS(NodeSystemInfo, KUBE_FIELD(machineID, 1, .required = true),
            KUBE_FIELD(systemUUID, 2, .required = true), KUBE_FIELD(bootID, 3, .required = true),
            KUBE_FIELD(kernelVersion, 4, .required = true),
            KUBE_FIELD(osImage, 5, .required = true),
            KUBE_FIELD(containerRuntimeVersion, 6, .required = true),
            KUBE_FIELD(kubeletVersion, 7, .required = true),
            KUBE_FIELD(kubeProxyVersion, 8, .required = true),
            KUBE_FIELD(operatingSystem, 9, .required = true),
            KUBE_FIELD(architecture, 10, .required = true), KUBE_FIELD(swap, 11))

KUBE_FIELDS(ContainerImage, KUBE_FIELD(names, 1), KUBE_FIELD(sizeBytes, 2))

KUBE_FIELDS(AttachedVolume, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(devicePath, 2, .required = true))

KUBE_FIELDS(NodeConfigStatus, KUBE_FIELD(assigned, 1), KUBE_FIELD(active, 2),
            KUBE_FIELD(lastKnownGood, 3), KUBE_FIELD(error, 4))

KUBE_FIELDS(NodeRuntimeHandlerFeatures, KUBE_FIELD(recursiveReadOnlyMounts, 1),
            KUBE_FIELD(userNamespaces, 2))

KUBE_FIELDS(NodeRuntimeHandler, KUBE_FIELD(name, 1), KUBE_FIELD(features, 2))

KUBE_FIELDS(NodeFeatures, KUBE_FIELD(supplementalGroupsPolicy, 1))

KUBE_FIELDS(NodeStatus, KUBE_FIELD(capacity, 1, .doc = "what the machine has"),
            KUBE_FIELD(allocatable, 2, .doc = "what pods may use of it"), KUBE_FIELD(phase, 3),
            KUBE_FIELD(conditions, 4, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(addresses, 5, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"),
            KUBE_FIELD(daemonEndpoints, 6), KUBE_FIELD(nodeInfo, 7), KUBE_FIELD(images, 8),
            KUBE_FIELD(volumesInUse, 9), KUBE_FIELD(volumesAttached, 10), KUBE_FIELD(config, 11),
            KUBE_FIELD(runtimeHandlers, 12), KUBE_FIELD(features, 13))

KUBE_FIELDS(Node, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
