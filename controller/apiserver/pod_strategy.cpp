// SPDX-License-Identifier: Apache-2.0
// Pods: what the admission of a default cluster adds (service account, tolerations, priority), and
// how long a pod is given to end. What may change later is said in api/core/validation_pod.cpp.
#include <fmt/format.h>

#include "api/core/qos.h"
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

void tolerate_unreachable(Pod& pod) {
  tolerate(pod, "node.kubernetes.io/not-ready");
  tolerate(pod, "node.kubernetes.io/unreachable");
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
    if (!pod.spec.ephemeralContainers.empty())
      return errors::invalid(
          {"", "Pod"}, pod.metadata.name,
          {cause::forbidden("spec.ephemeralContainers", "cannot be set on create")});
    RETURN_IF_ERROR(add_service_account(pod, context.store));
    RETURN_IF_ERROR(set_priority(pod));
    if (!pod.spec.enableServiceLinks) pod.spec.enableServiceLinks = true;
    tolerate_unreachable(pod);
    pod.status = {};
    pod.status.phase = "Pending";
    pod.status.qosClass = api::to_string(api::qos_class(pod));
    if (!pod.spec.schedulingGates.empty())
      pod.status.conditions.push_back(
          {.type = "PodScheduled",
           .status = "False",
           .lastTransitionTime = context.now,
           .reason = "SchedulingGated",
           .message = "Scheduling is blocked due to non-empty scheduling gates"});
    return absl::OkStatus();
  }

  // An applied manifest that has tolerations takes away those that were added.
  Status update(Pod& pod, const Pod&, WriteContext&) const override {
    tolerate_unreachable(pod);
    return absl::OkStatus();
  }

  void update_status(Pod& pod, const Pod& old) const override {
    if (pod.status.qosClass.empty()) pod.status.qosClass = old.status.qosClass;
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
