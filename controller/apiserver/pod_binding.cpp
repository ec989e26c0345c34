// SPDX-License-Identifier: Apache-2.0
// pods/binding: the one way a pod gets its node. pods/eviction: a deletion that a budget may refuse
// one day.
#include <fmt/format.h>

#include "api/core/pod.h"
#include "api/policy/types.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/remove.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/strategy.h"
#include "controller/apiserver/subresources.h"
#include "controller/apiserver/update.h"

namespace skiff::apiserver {
namespace {

constexpr Qualified kBinding{"", "pods/binding"};

Status check_binding(const api::Binding& binding) {
  Causes causes;
  const std::string& kind = binding.target.kind;
  if (!kind.empty() && kind != "Node")
    causes.push_back(cause::not_supported("target.kind", json_quoted(kind), {"Node", "<empty>"}));
  if (binding.target.name.empty()) causes.push_back(cause::required("target.name"));
  if (causes.empty()) return absl::OkStatus();
  return errors::invalid({"", "Binding"}, binding.metadata.name, std::move(causes));
}

void mark_scheduled(api::Pod& pod, TimePoint now) {
  for (api::PodCondition& condition : pod.status.conditions) {
    if (condition.type != "PodScheduled") continue;
    if (condition.status != "True") condition.lastTransitionTime = now;
    condition.status = "True";
    condition.reason.clear();
    condition.message.clear();
    return;
  }
  pod.status.conditions.push_back(
      {.type = "PodScheduled", .status = "True", .lastTransitionTime = now});
}

Result<Object> bound(const Object& current, const api::Binding& binding, TimePoint now) {
  Object object = current;
  auto& pod = object.as<api::Pod>();
  const std::string& name = pod.metadata.name;
  if (!pod.metadata.deletionTimestamp.is_zero())
    return errors::conflict(
        kBinding, name, fmt::format("pod {} is being deleted, cannot be assigned to a host", name));
  if (!pod.spec.nodeName.empty())
    return errors::conflict(
        kBinding, name,
        fmt::format("pod {} is already assigned to node \"{}\"", name, pod.spec.nodeName));
  if (!pod.spec.schedulingGates.empty())
    return errors::conflict(kBinding, name,
                            fmt::format("pod {} has non-empty .spec.schedulingGates", name));
  if (!binding.metadata.uid.empty()) pod.metadata.uid = binding.metadata.uid;  // a precondition
  pod.spec.nodeName = binding.target.name;
  for (const auto& [key, value] : binding.metadata.annotations)
    pod.metadata.annotations[key] = value;
  for (const auto& [key, value] : binding.metadata.labels) pod.metadata.labels[key] = value;
  mark_scheduled(pod, now);
  return object;
}

}  // namespace

Answer bind_pod(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  CO_ASSIGN_OR_RETURN(const Object body,
                      decode_body(call.request, api::kind_of<api::Binding>(), call.warnings));
  const auto& binding = body.as<api::Binding>();
  CO_RETURN_IF_ERROR(check_binding(binding));
  Call pod_call = call;
  pod_call.resource = backend.registry.find("", "v1", "pods");
  if (pod_call.info.name.empty()) pod_call.info.name = binding.metadata.name;
  const TimePoint now = backend.clock.now();
  Change change = [&binding, now](const Object& current) { return bound(current, binding, now); };
  const auto written =
      co_await update_object(backend, pod_call, Part::kAny, dry, std::move(change));
  if (!written.ok()) co_return written.status();
  co_return document_response(call, 201, success_document({}));
}

Answer evict_pod(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const Object body,
                      decode_body(call.request, api::kind_of<api::Eviction>(), call.warnings));
  const auto& eviction = body.as<api::Eviction>();
  api::DeleteOptions options;
  if (eviction.deleteOptions) options = *eviction.deleteOptions;
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  if (dry) options.dryRun = {"All"};
  const auto removal = co_await remove_object(backend, call, std::string(call.namespace_()),
                                              call.info.name, options);
  if (!removal.ok()) co_return removal.status();
  co_return document_response(call, 201, success_document({}));
}

}  // namespace skiff::apiserver
