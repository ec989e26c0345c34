// SPDX-License-Identifier: Apache-2.0
#include "api/core/container_status.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ContainerStateWaiting, KUBE_FIELD(reason, 1), KUBE_FIELD(message, 2))

KUBE_FIELDS(ContainerStateRunning, KUBE_FIELD(startedAt, 1, .null_zero = true))

KUBE_FIELDS(ContainerStateTerminated, KUBE_FIELD(exitCode, 1, .required = true),
            KUBE_FIELD(signal, 2), KUBE_FIELD(reason, 3), KUBE_FIELD(message, 4),
            KUBE_FIELD(startedAt, 5, .null_zero = true),
            KUBE_FIELD(finishedAt, 6, .null_zero = true), KUBE_FIELD(containerID, 7))

KUBE_FIELDS(ContainerState, KUBE_FIELD(waiting, 1), KUBE_FIELD(running, 2),
            KUBE_FIELD(terminated, 3))

KUBE_FIELDS(VolumeMountStatus, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(mountPath, 2, .required = true), KUBE_FIELD(readOnly, 3),
            KUBE_FIELD(recursiveReadOnly, 4))

KUBE_FIELDS(LinuxContainerUser, KUBE_FIELD(uid, 1, .required = true),
            KUBE_FIELD(gid, 2, .required = true), KUBE_FIELD(supplementalGroups, 3))

KUBE_FIELDS(ContainerUser, KUBE_FIELD(linux, 1))

KUBE_FIELDS(ResourceHealth, KUBE_FIELD(resourceID, 1, .required = true), KUBE_FIELD(health, 2))

KUBE_FIELDS(ResourceStatus, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(resources, 2, .list = ListType::kMap, .keys = "resourceID"))

KUBE_FIELDS(ContainerStatus, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(state, 2),
            KUBE_FIELD(lastState, 3), KUBE_FIELD(ready, 4, .required = true),
            KUBE_FIELD(restartCount, 5, .required = true), KUBE_FIELD(image, 6, .required = true),
            KUBE_FIELD(imageID, 7, .required = true), KUBE_FIELD(containerID, 8),
            KUBE_FIELD(started, 9), KUBE_FIELD(allocatedResources, 10), KUBE_FIELD(resources, 11),
            KUBE_FIELD(volumeMounts, 12, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "mountPath", .keys = "mountPath"),
            KUBE_FIELD(user, 13),
            KUBE_FIELD(allocatedResourcesStatus, 14, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"),
            KUBE_FIELD(stopSignal, 15))

}  // namespace skiff::api
