// SPDX-License-Identifier: Apache-2.0
// The control groups of pods: ROOT/kubepods[/burstable|/besteffort]/podUID below each hierarchy,
// made by us, with the containers' groups made below by the runtime. Works on pure v2, and on v1
// with a v2 hierarchy beside it ("hybrid").
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

// The path below each hierarchy, as the runtime takes it for cgroup_parent.
std::string pod_cgroup(const Options& options, const api::Pod& pod);

// File names and contents, for v1 or v2. Pure.
using CgroupSettings = std::vector<std::pair<std::string, std::string>>;
CgroupSettings cgroup_settings_v2(const runtime::LinuxResources& resources);
CgroupSettings cgroup_settings_v1(const runtime::LinuxResources& resources,
                                  const std::string& controller);

// Makes the pod's groups with its limits. Idempotent. Blocks.
Status make_pod_cgroup(const Options& options, const api::Pod& pod);
// Removes the groups of `uid` in every hierarchy and class. Idempotent. Blocks.
Status remove_pod_cgroup(const Options& options, const std::string& uid);

}  // namespace skiff::kubelet
