// SPDX-License-Identifier: Apache-2.0
// Labels that say whose flows a metric counts, as an administrator asks for them. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/trace/record.h"
#include "base/result.h"

namespace skiff::trace {

// One of Hubble's context labels: source_ or destination_, then namespace, pod, workload,
// workload_kind, app or ip.
struct MetricLabel {
  enum class What : uint8_t { kNamespace, kPod, kWorkload, kWorkloadKind, kApp, kIp };
  std::string name;  // "source_namespace"
  bool source = false;
  What what = What::kNamespace;
};

// INVALID_ARGUMENT names the label that there is not, and those that there are.
Result<std::vector<MetricLabel>> parse_metric_labels(const std::vector<std::string>& names);

// Of the source or destination of a flow; empty where it has no such thing.
std::string value_of(const MetricLabel& label, const IpAddress& address, const Identity* who);

}  // namespace skiff::trace
