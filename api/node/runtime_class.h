// SPDX-License-Identifier: Apache-2.0
// node.k8s.io/v1: RuntimeClasses.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/meta.h"

namespace skiff::api {

// What the runtime itself takes for a pod.
struct Overhead {
  std::map<std::string, Quantity> podFixed;
};
KUBE_TYPE(Overhead)

// Which nodes have the runtime.
struct Scheduling {
  std::map<std::string, std::string> nodeSelector;
  std::vector<Toleration> tolerations;
};
KUBE_TYPE(Scheduling)

// A name for a way to run pods: a handler of the nodes' container runtime.
struct RuntimeClass {
  ObjectMeta metadata;
  std::string handler;
  std::optional<Overhead> overhead;
  std::optional<Scheduling> scheduling;
};
KUBE_TYPE(RuntimeClass)

}  // namespace skiff::api
