// SPDX-License-Identifier: Apache-2.0
// Runtime over CRI v1 (gRPC on a unix socket), with containerd's own event stream for starts and
// exits. gRPC's threads only post to the loop.
#pragma once

#include <memory>
#include <string>

#include "agent/runtime/runtime.h"
#include "base/metrics.h"

namespace skiff::runtime {

struct CriOptions {
  std::string socket = "/run/containerd/containerd.sock";
  std::chrono::milliseconds timeout{120'000};  // calls that change something
  std::chrono::seconds list_timeout{10};       // calls that only look
  std::chrono::minutes pull_timeout{15};
  std::string containerd_namespace = "k8s.io";  // of CRI containers
  metrics::Registry* metrics = nullptr;         // where calls are timed; must outlive the runtime
};

// Connects on first use and reconnects by itself. The executor must outlive the runtime.
std::unique_ptr<Runtime> make_cri_runtime(const Executor& executor, CriOptions options);

}  // namespace skiff::runtime
