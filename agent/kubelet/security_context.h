// SPDX-License-Identifier: Apache-2.0
// Security contexts of pod and container, joined, as the runtime takes them. Pure.
#pragma once

#include <filesystem>

#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

runtime::NamespaceOptions pod_namespaces(const api::Pod& pod);

runtime::SelinuxLabel selinux_label(const api::SELinuxOptions& options);

runtime::SecurityProfile seccomp_profile(const api::SeccompProfile& profile,
                                         const std::filesystem::path& seccomp_dir);

// `image` decides who runs where no context does. FAILED_PRECONDITION if runAsNonRoot does not hold
// or cannot be told.
Result<runtime::ContainerSecurity> container_security(const api::Pod& pod,
                                                      const api::Container& container,
                                                      const runtime::Image& image,
                                                      const Options& options);

}  // namespace skiff::kubelet
