// SPDX-License-Identifier: Apache-2.0
// Containers: what to run, with which environment, resources and mounts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/probe.h"
#include "api/core/security.h"
#include "api/core/volume.h"
#include "api/scalars.h"

namespace skiff::api {

// A port that a container listens on.
struct ContainerPort {
  std::string name;
  int32_t hostPort = 0;
  int32_t containerPort = 0;
  std::string protocol;
  std::string hostIP;
};
KUBE_TYPE(ContainerPort)

// One key of a ConfigMap.
struct ConfigMapKeySelector {
  std::string name;
  std::string key;
  std::optional<bool> optional;
};
KUBE_TYPE(ConfigMapKeySelector)

// One key of a Secret.
struct SecretKeySelector {
  std::string name;
  std::string key;
  std::optional<bool> optional;
};
KUBE_TYPE(SecretKeySelector)

// One key of a file with environment variables, in a volume.
struct FileKeySelector {
  std::string volumeName;
  std::string path;
  std::string key;
  std::optional<bool> optional;
};
KUBE_TYPE(FileKeySelector)

// Where the value of a variable comes from: exactly one is set.
struct EnvVarSource {
  Box<ObjectFieldSelector> fieldRef;
  Box<ResourceFieldSelector> resourceFieldRef;
  Box<ConfigMapKeySelector> configMapKeyRef;
  Box<SecretKeySelector> secretKeyRef;
  Box<FileKeySelector> fileKeyRef;
};
KUBE_TYPE(EnvVarSource)

// One variable, by value or by source.
struct EnvVar {
  std::string name;
  std::string value;
  Box<EnvVarSource> valueFrom;
};
KUBE_TYPE(EnvVar)

// All keys of a ConfigMap as variables.
struct ConfigMapEnvSource {
  std::string name;
  std::optional<bool> optional;
};
KUBE_TYPE(ConfigMapEnvSource)

// All keys of a Secret as variables.
struct SecretEnvSource {
  std::string name;
  std::optional<bool> optional;
};
KUBE_TYPE(SecretEnvSource)

// Many variables at once, with a common prefix.
struct EnvFromSource {
  std::string prefix;
  Box<ConfigMapEnvSource> configMapRef;
  Box<SecretEnvSource> secretRef;
};
KUBE_TYPE(EnvFromSource)

// A claim of the pod that a container uses.
struct ContainerResourceClaim {
  std::string name;
  std::string request;
};
KUBE_TYPE(ContainerResourceClaim)

// What is reserved for a container, and what it may not exceed.
struct ResourceRequirements {
  std::map<std::string, Quantity> limits;
  std::map<std::string, Quantity> requests;
  std::vector<ContainerResourceClaim> claims;
};
KUBE_TYPE(ResourceRequirements)

// Where a container sees a volume.
struct VolumeMount {
  std::string name;
  bool readOnly = false;
  std::string mountPath;
  std::string subPath;
  std::optional<std::string> mountPropagation;
  std::string subPathExpr;
  std::optional<std::string> recursiveReadOnly;
};
KUBE_TYPE(VolumeMount)

// Where a container sees a block device.
struct VolumeDevice {
  std::string name;
  std::string devicePath;
};
KUBE_TYPE(VolumeDevice)

// Whether a change of a resource restarts the container.
struct ContainerResizePolicy {
  std::string resourceName;
  std::string restartPolicy;
};
KUBE_TYPE(ContainerResizePolicy)

// Exit codes that a rule is about.
struct ContainerRestartRuleOnExitCodes {
  std::string operator_;
  std::vector<int32_t> values;
};
KUBE_TYPE(ContainerRestartRuleOnExitCodes)

// What to do when the container ends in one of these ways.
struct ContainerRestartRule {
  std::string action;
  Box<ContainerRestartRuleOnExitCodes> exitCodes;
};
KUBE_TYPE(ContainerRestartRule)

// One container of a pod.
struct Container {
  std::string name;
  std::string image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string workingDir;
  std::vector<ContainerPort> ports;
  std::vector<EnvVar> env;
  ResourceRequirements resources;
  std::vector<VolumeMount> volumeMounts;
  Box<Probe> livenessProbe;
  Box<Probe> readinessProbe;
  Box<Lifecycle> lifecycle;
  std::string terminationMessagePath;
  std::string imagePullPolicy;
  Box<SecurityContext> securityContext;
  bool stdin = false;
  bool stdinOnce = false;
  bool tty = false;
  std::vector<EnvFromSource> envFrom;
  std::string terminationMessagePolicy;
  std::vector<VolumeDevice> volumeDevices;
  Box<Probe> startupProbe;
  std::vector<ContainerResizePolicy> resizePolicy;
  std::optional<std::string> restartPolicy;
  std::vector<ContainerRestartRule> restartPolicyRules;
};
KUBE_TYPE(Container)

// A container added to a running pod to look into it.
struct EphemeralContainer {
  std::string name;
  std::string image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string workingDir;
  std::vector<ContainerPort> ports;
  std::vector<EnvVar> env;
  ResourceRequirements resources;
  std::vector<VolumeMount> volumeMounts;
  Box<Probe> livenessProbe;
  Box<Probe> readinessProbe;
  Box<Lifecycle> lifecycle;
  std::string terminationMessagePath;
  std::string imagePullPolicy;
  Box<SecurityContext> securityContext;
  bool stdin = false;
  bool stdinOnce = false;
  bool tty = false;
  std::vector<EnvFromSource> envFrom;
  std::string terminationMessagePolicy;
  std::vector<VolumeDevice> volumeDevices;
  Box<Probe> startupProbe;
  std::vector<ContainerResizePolicy> resizePolicy;
  std::optional<std::string> restartPolicy;
  std::vector<ContainerRestartRule> restartPolicyRules;
  std::string targetContainerName;
};
KUBE_TYPE(EphemeralContainer)

}  // namespace skiff::api
