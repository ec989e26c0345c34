// SPDX-License-Identifier: Apache-2.0
// Whom the kubelet's events are about. Their words are those of Kubernetes' kubelet, which people
// and tools read.
#pragma once

#include <string>

#include "agent/kubelet/pod_names.h"
#include "kube/events.h"

namespace skiff::kubelet {

// One container of the pod: the pod, with the field path of the container.
inline api::ObjectReference container_reference(const api::Pod& pod, const std::string& name) {
  api::ObjectReference reference = kube::reference_to(pod);
  reference.fieldPath = fmt::format(
      "spec.{}{{{}}}", is_init_container(pod, name) ? "initContainers" : "containers", name);
  return reference;
}

}  // namespace skiff::kubelet
