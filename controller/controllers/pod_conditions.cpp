// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/pod_conditions.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace skiff::controllers {
namespace {

int phase_rank(const api::Pod& pod) {
  if (pod.status.phase == "Running") return 2;
  return pod.status.phase == "Unknown" ? 1 : 0;
}

int32_t deletion_cost(const api::Pod& pod) {
  const auto it = pod.metadata.annotations.find("controller.kubernetes.io/pod-deletion-cost");
  int32_t cost = 0;
  if (it != pod.metadata.annotations.end())
    std::from_chars(it->second.data(), it->second.data() + it->second.size(), cost);
  return cost;
}

TimePoint ready_since(const api::Pod& pod) {
  const api::PodCondition* ready = condition(pod, "Ready");
  return ready != nullptr && ready->status == "True" ? ready->lastTransitionTime.at
                                                     : TimePoint::max();
}

int64_t restarts(const api::Pod& pod) {
  int64_t most = 0;
  for (const api::ContainerStatus& container : pod.status.containerStatuses)
    most = std::max<int64_t>(most, container.restartCount);
  return most;
}

}  // namespace

const api::PodCondition* condition(const api::Pod& pod, std::string_view type) {
  for (const api::PodCondition& candidate : pod.status.conditions)
    if (candidate.type == type) return &candidate;
  return nullptr;
}

bool is_ready(const api::Pod& pod) {
  const api::PodCondition* ready = condition(pod, "Ready");
  return ready != nullptr && ready->status == "True";
}

bool is_available(const api::Pod& pod, int32_t min_ready_seconds, TimePoint now) {
  if (!is_ready(pod)) return false;
  return min_ready_seconds == 0 ||
         ready_since(pod) + std::chrono::seconds(min_ready_seconds) <= now;
}

bool has_ended(const api::Pod& pod) {
  return pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
}

bool is_active(const api::Pod& pod) {
  return !has_ended(pod) && !pod.metadata.deletionTimestamp;
}

void sort_for_deletion(std::vector<std::shared_ptr<const api::Pod>>& pods) {
  std::map<std::string, int> on_node;
  for (const auto& pod : pods) ++on_node[pod->spec.nodeName];
  // Smaller goes first; times are negated where the later one does.
  const auto rank = [&](const api::Pod& pod) {
    return std::tuple(!pod.spec.nodeName.empty(), phase_rank(pod), is_ready(pod),
                      deletion_cost(pod), -on_node[pod.spec.nodeName],
                      -ready_since(pod).time_since_epoch(), -restarts(pod),
                      -pod.metadata.creationTimestamp.at.time_since_epoch(), pod.metadata.name);
  };
  std::sort(pods.begin(), pods.end(),
            [&](const auto& a, const auto& b) { return rank(*a) < rank(*b); });
}

}  // namespace skiff::controllers
