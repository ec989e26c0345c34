// SPDX-License-Identifier: Apache-2.0
#include "api/core/security.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(Capabilities, KUBE_FIELD(add, 1), KUBE_FIELD(drop, 2))

KUBE_FIELDS(SELinuxOptions, KUBE_FIELD(user, 1), KUBE_FIELD(role, 2), KUBE_FIELD(type, 3),
            KUBE_FIELD(level, 4))

KUBE_FIELDS(SeccompProfile,
            KUBE_FIELD(type, 1, .required = true, .values = "Localhost,RuntimeDefault,Unconfined"),
            KUBE_FIELD(localhostProfile, 2))

KUBE_FIELDS(AppArmorProfile,
            KUBE_FIELD(type, 1, .required = true, .values = "Localhost,RuntimeDefault,Unconfined"),
            KUBE_FIELD(localhostProfile, 2))

KUBE_FIELDS(WindowsSecurityContextOptions, KUBE_FIELD(gmsaCredentialSpecName, 1),
            KUBE_FIELD(gmsaCredentialSpec, 2), KUBE_FIELD(runAsUserName, 3),
            KUBE_FIELD(hostProcess, 4))

KUBE_FIELDS(SecurityContext, KUBE_FIELD(capabilities, 1), KUBE_FIELD(privileged, 2),
            KUBE_FIELD(seLinuxOptions, 3), KUBE_FIELD(runAsUser, 4, .min = 0, .max = 2147483647),
            KUBE_FIELD(runAsNonRoot, 5), KUBE_FIELD(readOnlyRootFilesystem, 6),
            KUBE_FIELD(allowPrivilegeEscalation, 7),
            KUBE_FIELD(runAsGroup, 8, .min = 0, .max = 2147483647),
            KUBE_FIELD(procMount, 9, .values = "Default,Unmasked"), KUBE_FIELD(windowsOptions, 10),
            KUBE_FIELD(seccompProfile, 11), KUBE_FIELD(appArmorProfile, 12))

KUBE_FIELDS(Sysctl, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(value, 2, .required = true))

KUBE_FIELDS(PodSecurityContext, KUBE_FIELD(seLinuxOptions, 1),
            KUBE_FIELD(runAsUser, 2, .min = 0, .max = 2147483647), KUBE_FIELD(runAsNonRoot, 3),
            KUBE_FIELD(supplementalGroups, 4), KUBE_FIELD(fsGroup, 5, .min = 0, .max = 2147483647),
            KUBE_FIELD(runAsGroup, 6, .min = 0, .max = 2147483647), KUBE_FIELD(sysctls, 7),
            KUBE_FIELD(windowsOptions, 8),
            KUBE_FIELD(fsGroupChangePolicy, 9, .values = "Always,OnRootMismatch"),
            KUBE_FIELD(seccompProfile, 10), KUBE_FIELD(appArmorProfile, 11),
            KUBE_FIELD(supplementalGroupsPolicy, 12, .values = "Merge,Strict"),
            KUBE_FIELD(seLinuxChangePolicy, 13, .values = "MountOption,Recursive"))

}  // namespace skiff::api
