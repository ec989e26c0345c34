// SPDX-License-Identifier: Apache-2.0
// Pods: what the admission of a default cluster adds (service account, tolerations, priority), what
// may change later, and how long a pod is given to end.
#include <fmt/format.h>

#include "api/compare.h"
#include "api/core/pod.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/pod_service_account.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

using api::Pod;

constexpr int64_t kDefaultTolerationSeconds = 300;
constexpr int64_t kDefaultGraceSeconds = 30;

struct PriorityClass {
  std::string_view name;
  int32_t value;
};
constexpr PriorityClass kSystemClasses[] = {{"system-cluster-critical", 2'000'000'000},
                                            {"system-node-critical", 2'000'001'000}};

Status refuse(const Pod& pod, std::string_view why) {
  return errors::forbidden({"", "pods"}, pod.metadata.name, why);
}

Status set_priority(Pod& pod) {
  int32_t value = 0;
  bool known = pod.spec.priorityClassName.empty();
  for (const PriorityClass& one : kSystemClasses) {
    if (pod.spec.priorityClassName != one.name) continue;
    value = one.value;
    known = true;
  }
  if (!known)
    return refuse(
        pod, fmt::format("no PriorityClass with name {} was found", pod.spec.priorityClassName));
  if (pod.spec.priority && *pod.spec.priority != value)
    return refuse(
        pod,
        fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority "
                    "admission controller computed {} from the given PriorityClass name",
                    *pod.spec.priority, value));
  pod.spec.priority = value;
  if (!pod.spec.preemptionPolicy) pod.spec.preemptionPolicy = "PreemptLowerPriority";
  return absl::OkStatus();
}

void tolerate(Pod& pod, const char* taint) {
  for (const api::Toleration& one : pod.spec.tolerations)
    if ((one.key == taint || one.key.empty()) && (one.effect == "NoExecute" || one.effect.empty()))
      return;
  pod.spec.tolerations.push_back({.key = taint,
                                  .operator_ = "Exists",
                                  .effect = "NoExecute",
                                  .tolerationSeconds = kDefaultTolerationSeconds});
}

bool is_counted(const std::string& resource) {
  return resource == "cpu" || resource == "memory";
}

// Guaranteed: every container has equal requests and limits of both; BestEffort: none has any.
std::string qos_class(const Pod& pod) {
  bool any = false;
  bool guaranteed = true;
  const auto look = [&](const std::vector<api::Container>& containers) {
    for (const api::Container& container : containers) {
      const auto& [limits, requests, claims] = container.resources;
      for (const auto& [name, quantity] : requests) any = any || is_counted(name);
      for (const auto& [name, quantity] : limits) any = any || is_counted(name);
      for (const char* name : {"cpu", "memory"}) {
        const auto limit = limits.find(name);
        const auto request = requests.find(name);
        const bool equal = limit != limits.end() &&
                           (request == requests.end() || request->second == limit->second);
        guaranteed = guaranteed && equal;
      }
    }
  };
  look(pod.spec.containers);
  look(pod.spec.initContainers);
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

// `next` as it would be if everything that may change had not.
api::PodSpec without_allowed_changes(const Pod& next, const Pod& old) {
  api::PodSpec spec = next.spec;
  const auto keep_images = [](auto& containers, const auto& before) {
    for (size_t i = 0; i < containers.size() && i < before.size(); ++i)
      containers[i].image = before[i].image;
  };
  keep_images(spec.containers, old.spec.containers);
  keep_images(spec.initContainers, old.spec.initContainers);
  spec.activeDeadlineSeconds = old.spec.activeDeadlineSeconds;
  if (old.spec.terminationGracePeriodSeconds.value_or(0) < 0 &&
      spec.terminationGracePeriodSeconds == 1)
    spec.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds;
  // Tolerations may be added, in front of or behind those there are.
  bool all_kept = true;
  for (const api::Toleration& one : old.spec.tolerations) {
    bool kept = false;
    for (const api::Toleration& other : spec.tolerations) kept = kept || api::equal(one, other);
    all_kept = all_kept && kept;
  }
  if (all_kept) spec.tolerations = old.spec.tolerations;
  return spec;
}

class PodStrategy final : public TypedStrategy<Pod> {
 public:
  awaitable<void> await_create(const Object& object, WriteContext& context) const override {
    const Pod& pod = object.as<Pod>();
    co_await await_service_account(context.store, std::string(pod.metadata.namespace_),
                                   pod.spec.serviceAccountName);
  }

 protected:
  Status create(Pod& pod, WriteContext& context) const override {
    RETURN_IF_ERROR(add_service_account(pod, context.store));
    RETURN_IF_ERROR(set_priority(pod));
    if (!pod.spec.enableServiceLinks) pod.spec.enableServiceLinks = true;
    tolerate(pod, "node.kubernetes.io/not-ready");
    tolerate(pod, "node.kubernetes.io/unreachable");
    pod.status = {};
    pod.status.phase = "Pending";
    pod.status.qosClass = qos_class(pod);
    if (!pod.spec.schedulingGates.empty())
      pod.status.conditions.push_back(
          {.type = "PodScheduled",
           .status = "False",
           .lastTransitionTime = context.now,
           .reason = "SchedulingGated",
           .message = "Scheduling is blocked due to non-empty scheduling gates"});
    return absl::OkStatus();
  }

  void update_status(Pod& pod, const Pod& old) const override {
    if (pod.status.qosClass.empty()) pod.status.qosClass = old.status.qosClass;
  }

  void check_update(const Pod& pod, const Pod& old, Causes& causes) const override {
    api::PodSpec same = without_allowed_changes(pod, old);
    if (same.schedulingGates.size() < old.spec.schedulingGates.size())
      same.schedulingGates = old.spec.schedulingGates;
    const auto changed = api::differences(same, old.spec);
    if (changed.empty()) return;
    causes.push_back(cause::forbidden(
        "spec",
        fmt::format(
            "pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
            "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
            "be "
            "set to 1 if it was previously negative): changed spec.{}",
            changed.front())));
  }

  int64_t grace(const Pod& pod, std::optional<int64_t> asked) const override {
    if (pod.spec.nodeName.empty() || pod.status.phase == "Failed" ||
        pod.status.phase == "Succeeded")
      return 0;
    const int64_t seconds =
        asked.value_or(pod.spec.terminationGracePeriodSeconds.value_or(kDefaultGraceSeconds));
    return seconds < 0 ? 1 : seconds;
  }
};

}  // namespace

std::shared_ptr<const Strategy> pod_strategy() {
  return std::make_shared<PodStrategy>();
}

}  // namespace skiff::apiserver
