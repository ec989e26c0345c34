// SPDX-License-Identifier: Apache-2.0
// A pod as the runtime's sandbox. Pure.
#pragma once

#include <string>

#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

struct SandboxInput {
  const api::Pod& pod;
  const Options& options;
  uint32_t attempt = 0;
  std::string cgroup_parent;
  std::string host_resolv_conf;
};

runtime::SandboxConfig sandbox_config(const SandboxInput& input);

}  // namespace skiff::kubelet
