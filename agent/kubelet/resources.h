// SPDX-License-Identifier: Apache-2.0
// What requests and limits mean on a Linux node: CPU shares and quota, memory limit, OOM score.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "agent/runtime/types.h"
#include "api/core/qos.h"

namespace skiff::kubelet {

// `resource` of `list` in whole units; 0 if absent.
int64_t amount(const std::map<std::string, api::Quantity>& list, const std::string& resource);

int64_t cpu_shares(int64_t millicores);    // cgroup v1 cpu.shares, at least 2
int64_t cpu_quota_us(int64_t millicores);  // per kCpuPeriodUs; 0: no limit
inline constexpr int64_t kCpuPeriodUs = 100'000;

// The higher, the sooner the kernel kills it: -997 for Guaranteed, 1000 for BestEffort, between by
// the share of the node's memory that the container did not request.
int64_t oom_score_adjust(const api::Pod& pod, const api::Container& container,
                         int64_t node_memory_bytes);

runtime::LinuxResources container_resources(const api::Pod& pod, const api::Container& container,
                                            int64_t node_memory_bytes);

// The sum over the pod as the scheduler counts it: main containers and sidecars together, or the
// largest init step. Zero limits mean: at least one container is unlimited.
runtime::LinuxResources pod_resources(const api::Pod& pod);

}  // namespace skiff::kubelet
