// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/binding_cycle.h"

#include <ranges>

namespace skiff::scheduler {
namespace {

Status named(const Plugin& plugin, const Status& status) {
  return annotate(status, std::string(plugin.name()));
}

awaitable<Status> prepare(const Profile& profile, const PodInfoPtr& pod, const std::string& node) {
  for (const auto& plugin : profile.permit)
    CO_RETURN_IF_ERROR(named(*plugin, co_await plugin->permit(pod, node)));
  for (const auto& plugin : profile.pre_bind)
    CO_RETURN_IF_ERROR(named(*plugin, co_await plugin->pre_bind(pod, node)));
  co_return absl::OkStatus();
}

awaitable<Status> bind_pod(const Profile& profile, const PodInfoPtr& pod, const std::string& node) {
  for (const auto& plugin : profile.bind) {
    const Result<Binding> bound = co_await plugin->bind(pod, node);
    CO_RETURN_IF_ERROR(named(*plugin, bound.status()));
    if (*bound == Binding::kDone) co_return absl::OkStatus();
  }
  co_return unimplemented("no plugin binds this pod");
}

}  // namespace

Status reserve(const Profile& profile, const PodInfoPtr& pod, const std::string& node) {
  for (size_t i = 0; i < profile.reserve.size(); ++i) {
    const Status reserved = profile.reserve[i]->reserve(pod, node);
    if (reserved.ok()) continue;
    for (size_t back = i + 1; back-- > 0;) profile.reserve[back]->unreserve(pod, node);
    return named(*profile.reserve[i], reserved);
  }
  return absl::OkStatus();
}

void unreserve(const Profile& profile, const PodInfoPtr& pod, const std::string& node) {
  for (const auto& plugin : profile.reserve | std::views::reverse) plugin->unreserve(pod, node);
}

awaitable<Status> bind_reserved(const Profile& profile, PodInfoPtr pod, std::string node) {
  Status status = co_await prepare(profile, pod, node);
  if (status.ok()) status = co_await bind_pod(profile, pod, node);
  if (!status.ok()) {
    unreserve(profile, pod, node);
    co_return status;
  }
  for (const auto& plugin : profile.post_bind) plugin->post_bind(pod, node);
  co_return status;
}

}  // namespace skiff::scheduler
