// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/observed.h"

#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/termination_message.h"

namespace skiff::kubelet {
namespace {

std::string value_of(const runtime::StringMap& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

bool newer(const ObservedContainer& a, const ObservedContainer& b) {
  if (a.status.attempt != b.status.attempt) return a.status.attempt > b.status.attempt;
  return a.status.created_at > b.status.created_at;
}

}  // namespace

const ObservedContainer* Observed::latest(const std::string& name) const {
  for (const auto& container : containers)
    if (container.status.name == name) return &container;
  return nullptr;
}

const ObservedContainer* Observed::current(const std::string& name) const {
  const ObservedContainer* found = latest(name);
  return found && sandbox() && found->sandbox_id == sandbox()->id ? found : nullptr;
}

const ObservedContainer* Observed::previous(const std::string& name) const {
  bool first = true;
  for (const auto& container : containers) {
    if (container.status.name != name) continue;
    if (!first) return &container;
    first = false;
  }
  return nullptr;
}

bool Observed::any_running() const {
  return std::any_of(containers.begin(), containers.end(),
                     [](const auto& container) { return is_running(&container); });
}

awaitable<Result<Observed>> Observer::observe(std::string pod_uid) {
  const runtime::StringMap labels = {{kPodUidLabel, pod_uid}};
  Observed observed;
  CO_ASSIGN_OR_RETURN(observed.sandboxes, co_await runtime_.list_sandboxes(labels));
  std::sort(observed.sandboxes.begin(), observed.sandboxes.end(),
            [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  for (const auto& sandbox : observed.sandboxes) owners_[sandbox.id] = pod_uid;
  if (!observed.sandboxes.empty()) {
    auto status = co_await runtime_.sandbox_status(observed.sandboxes[0].id);
    if (status.ok())
      observed.sandboxes[0] = std::move(*status);
    else if (!absl::IsNotFound(status.status()))
      co_return status.status();
  }
  CO_ASSIGN_OR_RETURN(auto listed, co_await runtime_.list_containers(labels));
  for (const runtime::Container& container : listed) {
    owners_[container.id] = pod_uid;
    if (const auto known = exited_.find(container.id); known != exited_.end()) {
      observed.containers.push_back({container.sandbox_id, known->second});
      continue;
    }
    auto status = co_await runtime_.container_status(container.id);
    if (absl::IsNotFound(status.status())) continue;  // removed meanwhile
    if (!status.ok()) co_return status.status();
    if (status->state == runtime::ContainerState::Exited) {
      const PodPaths paths(options_, value_of(status->labels, kPodNamespaceLabel),
                           value_of(status->labels, kPodNameLabel), pod_uid);
      if (!runtime::was_cut_off(*status))  // its message says so
        status->message = termination_message(
            *status, paths, value_of(status->annotations, kMessagePolicyAnnotation));
      exited_[container.id] = *status;
    }
    observed.containers.push_back({container.sandbox_id, std::move(*status)});
  }
  std::sort(observed.containers.begin(), observed.containers.end(), newer);
  co_return observed;
}

}  // namespace skiff::kubelet
