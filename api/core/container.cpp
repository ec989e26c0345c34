// SPDX-License-Identifier: Apache-2.0
#include "api/core/container.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ContainerPort, KUBE_FIELD(name, 1), KUBE_FIELD(hostPort, 2, .min = 0, .max = 65535),
            KUBE_FIELD(containerPort, 3, .required = true, .min = 1, .max = 65535),
            KUBE_FIELD(protocol, 4, .values = "TCP,UDP,SCTP", .fallback = R"("TCP")"),
            KUBE_FIELD(hostIP, 5))

KUBE_ATOMIC(ConfigMapKeySelector, KUBE_FIELD(name, 1, .outer = 1),
            KUBE_FIELD(key, 2, .required = true), KUBE_FIELD(optional, 3))

KUBE_ATOMIC(SecretKeySelector, KUBE_FIELD(name, 1, .outer = 1),
            KUBE_FIELD(key, 2, .required = true), KUBE_FIELD(optional, 3))

KUBE_ATOMIC(FileKeySelector, KUBE_FIELD(volumeName, 1, .required = true),
            KUBE_FIELD(path, 2, .required = true), KUBE_FIELD(key, 3, .required = true),
            KUBE_FIELD(optional, 4))

KUBE_FIELDS(EnvVarSource, KUBE_FIELD(fieldRef, 1), KUBE_FIELD(resourceFieldRef, 2),
            KUBE_FIELD(configMapKeyRef, 3), KUBE_FIELD(secretKeyRef, 4), KUBE_FIELD(fileKeyRef, 5))

KUBE_FIELDS(EnvVar, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(value, 2),
            KUBE_FIELD(valueFrom, 3))

KUBE_FIELDS(ConfigMapEnvSource, KUBE_FIELD(name, 1, .outer = 1), KUBE_FIELD(optional, 2))

KUBE_FIELDS(SecretEnvSource, KUBE_FIELD(name, 1, .outer = 1), KUBE_FIELD(optional, 2))

KUBE_FIELDS(EnvFromSource, KUBE_FIELD(prefix, 1), KUBE_FIELD(configMapRef, 2),
            KUBE_FIELD(secretRef, 3))

KUBE_FIELDS_AS(ContainerResourceClaim, "ResourceClaim", KUBE_FIELD(name, 1, .required = true),
               KUBE_FIELD(request, 2))

KUBE_FIELDS(ResourceRequirements, KUBE_FIELD(limits, 1), KUBE_FIELD(requests, 2),
            KUBE_FIELD(claims, 3, .list = ListType::kMap, .keys = "name"))

KUBE_FIELDS(VolumeMount, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(readOnly, 2),
            KUBE_FIELD(mountPath, 3, .required = true), KUBE_FIELD(subPath, 4),
            KUBE_FIELD(mountPropagation, 5, .values = "Bidirectional,HostToContainer,None"),
            KUBE_FIELD(subPathExpr, 6),
            KUBE_FIELD(recursiveReadOnly, 7, .values = "Disabled,Enabled,IfPossible"))

KUBE_FIELDS(VolumeDevice, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(devicePath, 2, .required = true))

KUBE_FIELDS(ContainerResizePolicy,
            KUBE_FIELD(resourceName, 1, .required = true, .values = "cpu,memory"),
            KUBE_FIELD(restartPolicy, 2, .required = true,
                       .values = "NotRequired,RestartContainer"))

KUBE_FIELDS(ContainerRestartRuleOnExitCodes,
            KUBE_FIELD(operator_, 1, .required = true, .values = "In,NotIn"),
            KUBE_FIELD(values, 2, .list = ListType::kSet))

KUBE_FIELDS(ContainerRestartRule,
            KUBE_FIELD(action, 1, .required = true, .values = "Restart,RestartAllContainers"),
            KUBE_FIELD(exitCodes, 2))

KUBE_FIELDS(Container, KUBE_FIELD(name, 1, .required = true, .doc = "unique within the pod"),
            KUBE_FIELD(image, 2, .doc = "the image to run"),
            KUBE_FIELD(command, 3, .doc = "replaces the entrypoint of the image"),
            KUBE_FIELD(args, 4, .doc = "replaces the arguments of the image"),
            KUBE_FIELD(workingDir, 5, .doc = "the working directory"),
            KUBE_FIELD(ports, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "containerPort", .keys = "containerPort,protocol",
                       .doc = "ports it listens on"),
            KUBE_FIELD(env, 7, .patch = Patch::kMerge, .list = ListType::kMap, .merge_key = "name",
                       .keys = "name", .doc = "environment variables"),
            KUBE_FIELD(resources, 8, .doc = "what it needs and may use"),
            KUBE_FIELD(volumeMounts, 9, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "mountPath", .keys = "mountPath",
                       .doc = "where it sees volumes"),
            KUBE_FIELD(livenessProbe, 10, .doc = "restarted when this fails"),
            KUBE_FIELD(readinessProbe, 11, .doc = "no traffic while this fails"),
            KUBE_FIELD(lifecycle, 12, .doc = "hooks at start and stop"),
            KUBE_FIELD(terminationMessagePath, 13),
            KUBE_FIELD(imagePullPolicy, 14, .values = "Always,IfNotPresent,Never",
                       .doc = "when to pull the image"),
            KUBE_FIELD(securityContext, 15, .doc = "who it runs as and what it may do"),
            KUBE_FIELD(stdin, 16), KUBE_FIELD(stdinOnce, 17), KUBE_FIELD(tty, 18),
            KUBE_FIELD(envFrom, 19, .doc = "environment variables from whole objects"),
            KUBE_FIELD(terminationMessagePolicy, 20, .values = "FallbackToLogsOnError,File"),
            KUBE_FIELD(volumeDevices, 21, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "devicePath", .keys = "devicePath"),
            KUBE_FIELD(startupProbe, 22, .doc = "the other probes wait for this"),
            KUBE_FIELD(resizePolicy, 23),
            KUBE_FIELD(restartPolicy, 24, .values = "Always,Never,OnFailure"),
            KUBE_FIELD(restartPolicyRules, 25))

KUBE_FIELDS(EphemeralContainer, KUBE_FIELD(name, 1, .outer = 1, .required = true),
            KUBE_FIELD(image, 2, .outer = 1), KUBE_FIELD(command, 3, .outer = 1),
            KUBE_FIELD(args, 4, .outer = 1), KUBE_FIELD(workingDir, 5, .outer = 1),
            KUBE_FIELD(ports, 6, .outer = 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "containerPort", .keys = "containerPort,protocol"),
            KUBE_FIELD(env, 7, .outer = 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"),
            KUBE_FIELD(resources, 8, .outer = 1),
            KUBE_FIELD(volumeMounts, 9, .outer = 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "mountPath", .keys = "mountPath"),
            KUBE_FIELD(livenessProbe, 10, .outer = 1), KUBE_FIELD(readinessProbe, 11, .outer = 1),
            KUBE_FIELD(lifecycle, 12, .outer = 1),
            KUBE_FIELD(terminationMessagePath, 13, .outer = 1),
            KUBE_FIELD(imagePullPolicy, 14, .outer = 1, .values = "Always,IfNotPresent,Never"),
            KUBE_FIELD(securityContext, 15, .outer = 1), KUBE_FIELD(stdin, 16, .outer = 1),
            KUBE_FIELD(stdinOnce, 17, .outer = 1), KUBE_FIELD(tty, 18, .outer = 1),
            KUBE_FIELD(envFrom, 19, .outer = 1),
            KUBE_FIELD(terminationMessagePolicy, 20, .outer = 1,
                       .values = "FallbackToLogsOnError,File"),
            KUBE_FIELD(volumeDevices, 21, .outer = 1, .patch = Patch::kMerge,
                       .list = ListType::kMap, .merge_key = "devicePath", .keys = "devicePath"),
            KUBE_FIELD(startupProbe, 22, .outer = 1), KUBE_FIELD(resizePolicy, 23, .outer = 1),
            KUBE_FIELD(restartPolicy, 24, .outer = 1),
            KUBE_FIELD(restartPolicyRules, 25, .outer = 1), KUBE_FIELD(targetContainerName, 2))

}  // namespace skiff::api
