// SPDX-License-Identifier: Apache-2.0
// Who a process runs as and what it may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// Capabilities to add to, and drop from, those of the runtime.
struct Capabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;
};
KUBE_TYPE(Capabilities)

// The SELinux label of a process.
struct SELinuxOptions {
  std::string user;
  std::string role;
  std::string type;
  std::string level;
};
KUBE_TYPE(SELinuxOptions)

// The seccomp filter of a process.
struct SeccompProfile {
  std::string type;
  std::optional<std::string> localhostProfile;
};
KUBE_TYPE(SeccompProfile)

// The AppArmor profile of a process.
struct AppArmorProfile {
  std::string type;
  std::optional<std::string> localhostProfile;
};
KUBE_TYPE(AppArmorProfile)

// Options for Windows, which we keep and do not use.
struct WindowsSecurityContextOptions {
  std::optional<std::string> gmsaCredentialSpecName;
  std::optional<std::string> gmsaCredentialSpec;
  std::optional<std::string> runAsUserName;
  std::optional<bool> hostProcess;
};
KUBE_TYPE(WindowsSecurityContextOptions)

// Security settings of one container; they win over those of its pod.
struct SecurityContext {
  Box<Capabilities> capabilities;
  std::optional<bool> privileged;
  Box<SELinuxOptions> seLinuxOptions;
  std::optional<int64_t> runAsUser;
  std::optional<bool> runAsNonRoot;
  std::optional<bool> readOnlyRootFilesystem;
  std::optional<bool> allowPrivilegeEscalation;
  std::optional<int64_t> runAsGroup;
  std::optional<std::string> procMount;
  Box<WindowsSecurityContextOptions> windowsOptions;
  Box<SeccompProfile> seccompProfile;
  Box<AppArmorProfile> appArmorProfile;
};
KUBE_TYPE(SecurityContext)

// A kernel parameter of the pod's namespaces.
struct Sysctl {
  std::string name;
  std::string value;
};
KUBE_TYPE(Sysctl)

// Security settings of all containers of a pod.
struct PodSecurityContext {
  Box<SELinuxOptions> seLinuxOptions;
  std::optional<int64_t> runAsUser;
  std::optional<bool> runAsNonRoot;
  std::vector<int64_t> supplementalGroups;
  std::optional<int64_t> fsGroup;
  std::optional<int64_t> runAsGroup;
  std::vector<Sysctl> sysctls;
  Box<WindowsSecurityContextOptions> windowsOptions;
  std::optional<std::string> fsGroupChangePolicy;
  Box<SeccompProfile> seccompProfile;
  Box<AppArmorProfile> appArmorProfile;
  std::optional<std::string> supplementalGroupsPolicy;
  std::optional<std::string> seLinuxChangePolicy;
};
KUBE_TYPE(PodSecurityContext)

}  // namespace skiff::api
