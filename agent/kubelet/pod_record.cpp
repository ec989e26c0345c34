// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_record.h"

#include "agent/kubelet/pod_status.h"

namespace skiff::kubelet {

PodPtr pod_with_status(const PodRecord& record) {
  if (!record.status) return record.pod;
  auto pod = std::make_shared<api::Pod>(*record.pod);
  const auto seen = std::move(pod->status.conditions);
  pod->status = *record.status;
  // Conditions that others write (readiness gates) are the store's.
  for (const auto& condition : seen) {
    auto& own = pod->status.conditions;
    const auto same = std::find_if(own.begin(), own.end(),
                                   [&](const auto& c) { return c.type == condition.type; });
    if (same == own.end()) own.push_back(condition);
  }
  return pod;
}

void publish_status(Parts& parts, PodRecord& record, const Observed& observed, const Plan* plan,
                    bool terminal) {
  record.running = count_running(observed);
  if (!record.pod || record.gone) return;
  const PodPtr pod = pod_with_status(record);
  record.status = pod_status({.pod = *pod,
                              .observed = observed,
                              .memory = record.memory,
                              .plan = plan,
                              .options = parts.options,
                              .now = parts.clock.now(),
                              .terminal = terminal});
  if (pod->status.phase == "Pending" && record.status->phase == "Running" && record.seen)
    parts.metrics.pod_started(parts.clock.now() - *record.seen);
  parts.statuses.set(*record.pod, *record.status);
}

}  // namespace skiff::kubelet
