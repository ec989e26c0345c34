// SPDX-License-Identifier: Apache-2.0
// A container of a pod as the runtime takes it. Pure: environment, mounts and image are found
// before.
#pragma once

#include <vector>

#include "agent/kubelet/environment.h"
#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

struct ContainerInput {
  const api::Pod& pod;
  const api::Container& container;
  const Options& options;
  uint32_t attempt = 0;
  runtime::Image image;
  std::vector<runtime::EnvVar> envs;
  std::vector<runtime::Mount> mounts;
};

Result<runtime::ContainerConfig> container_config(ContainerInput input);

}  // namespace skiff::kubelet
