// SPDX-License-Identifier: Apache-2.0
// Our structs to CRI messages and back. Pure.
#pragma once

#include "agent/runtime/types.h"
#include "proto/cri.pb.h"

namespace skiff::runtime {

namespace cri = ::runtime::v1;

cri::PodSandboxConfig to_cri(const SandboxConfig& config);
cri::ContainerConfig to_cri(const ContainerConfig& config);
cri::LinuxContainerResources to_cri(const LinuxResources& resources);
cri::AuthConfig to_cri(const ImageAuth& auth);

Sandbox from_cri(const cri::PodSandbox& sandbox);
Sandbox from_cri(const cri::PodSandboxStatus& status);
Container from_cri(const cri::Container& container);
ContainerStatus from_cri(const cri::ContainerStatus& status);
Image from_cri(const cri::Image& image);
ContainerStats from_cri(const cri::ContainerStats& stats);

}  // namespace skiff::runtime
