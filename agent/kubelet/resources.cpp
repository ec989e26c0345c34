// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/resources.h"

#include "agent/kubelet/pod_names.h"

namespace skiff::kubelet {
namespace {

using api::milli_amount;
using api::QosClass;
using api::request_milli;

constexpr int64_t kMinShares = 2;
constexpr int64_t kMaxShares = 262144;
constexpr int64_t kMinQuotaUs = 1000;

using Resources = std::map<std::string, api::Quantity>;

// Over the pod: max(sum of main + sidecars, largest init container with the sidecars started before
// it).
template <class Amount>
int64_t pod_total(const api::Pod& pod, Amount amount_of) {
  int64_t sidecars = 0;
  int64_t largest_init = 0;
  for (const auto& init : pod.spec.initContainers) {
    if (is_sidecar(init)) {
      sidecars += amount_of(init);
      largest_init = std::max(largest_init, sidecars);
    } else {
      largest_init = std::max(largest_init, sidecars + amount_of(init));
    }
  }
  int64_t main = sidecars;
  for (const auto& container : pod.spec.containers) main += amount_of(container);
  return std::max(main, largest_init);
}

bool all_limit(const api::Pod& pod, const std::string& resource) {
  auto limits = [&](const api::Container& c) {
    return milli_amount(c.resources.limits, resource) > 0;
  };
  const auto& init = pod.spec.initContainers;
  const auto& main = pod.spec.containers;
  return std::all_of(main.begin(), main.end(), limits) &&
         std::all_of(init.begin(), init.end(), limits);
}

}  // namespace

int64_t amount(const Resources& list, const std::string& resource) {
  const auto found = list.find(resource);
  return found == list.end() ? 0 : found->second.value();
}

int64_t cpu_shares(int64_t millicores) {
  if (millicores <= 0) return kMinShares;
  return std::clamp(millicores * 1024 / 1000, kMinShares, kMaxShares);
}

int64_t cpu_quota_us(int64_t millicores) {
  if (millicores <= 0) return 0;
  return std::max(millicores * kCpuPeriodUs / 1000, kMinQuotaUs);
}

int64_t oom_score_adjust(const api::Pod& pod, const api::Container& container,
                         int64_t node_memory_bytes) {
  switch (api::qos_class(pod)) {
    case QosClass::Guaranteed:
      return -997;
    case QosClass::BestEffort:
      return 1000;
    case QosClass::Burstable:
      break;
  }
  if (node_memory_bytes <= 0) return 999;
  const int64_t request = request_milli(container, "memory") / 1000;
  const int64_t score = 1000 - static_cast<int64_t>(1000.0 * static_cast<double>(request) /
                                                    static_cast<double>(node_memory_bytes));
  // Below 3 would be as safe as Guaranteed, 1000 as unsafe as BestEffort.
  return std::clamp<int64_t>(score, 3, 999);
}

runtime::LinuxResources container_resources(const api::Pod& pod, const api::Container& container,
                                            int64_t node_memory_bytes) {
  runtime::LinuxResources out;
  out.cpu_shares = cpu_shares(request_milli(container, "cpu"));
  out.cpu_quota_us = cpu_quota_us(milli_amount(container.resources.limits, "cpu"));
  if (out.cpu_quota_us > 0) out.cpu_period_us = kCpuPeriodUs;
  out.memory_limit_bytes = amount(container.resources.limits, "memory");
  out.oom_score_adj = oom_score_adjust(pod, container, node_memory_bytes);
  return out;
}

runtime::LinuxResources pod_resources(const api::Pod& pod) {
  runtime::LinuxResources out;
  out.cpu_shares =
      cpu_shares(pod_total(pod, [](const auto& c) { return request_milli(c, "cpu"); }));
  if (all_limit(pod, "cpu")) {
    out.cpu_quota_us = cpu_quota_us(
        pod_total(pod, [](const auto& c) { return milli_amount(c.resources.limits, "cpu"); }));
    out.cpu_period_us = kCpuPeriodUs;
  }
  if (all_limit(pod, "memory"))
    out.memory_limit_bytes =
        pod_total(pod, [](const auto& c) { return amount(c.resources.limits, "memory"); });
  return out;
}

}  // namespace skiff::kubelet
