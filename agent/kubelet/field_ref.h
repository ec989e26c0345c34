// SPDX-License-Identifier: Apache-2.0
// Fields and resources of a pod as text, for environment variables and downwardAPI files. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/kubelet/options.h"
#include "api/core/pod.h"
#include "base/result.h"

namespace skiff::kubelet {

// What fieldRef can name beside the pod object itself.
struct FieldContext {
  const Options& options;
  std::vector<std::string> pod_ips;
};

// `metadata.name`, `metadata.labels['app']`, `status.podIP`, … A map as a whole (`metadata.labels`)
// is one `key="value"` line an entry.
Result<std::string> field_value(const api::Pod& pod, const std::string& path,
                                const FieldContext& context);

// `limits.cpu`, `requests.memory`, … divided by the divisor and rounded up. A limit of
// cpu, memory or ephemeral-storage that is not set, or zero, is what the node has to give.
Result<std::string> resource_value(const api::Pod& pod, const api::ResourceFieldSelector& selector,
                                   const api::Container* container, const Options& options);

}  // namespace skiff::kubelet
