// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_admission.h"

#include "base/file.h"

namespace skiff::kubelet {
namespace {

template <class Context>
bool confines(const Context& context) {
  return context && context->appArmorProfile && context->appArmorProfile->type != "Unconfined";
}

bool asks_for_apparmor(const api::Pod& pod) {
  const auto asks = [](const api::Container& c) { return confines(c.securityContext); };
  const auto& main = pod.spec.containers;
  const auto& init = pod.spec.initContainers;
  return confines(pod.spec.securityContext) || std::any_of(main.begin(), main.end(), asks) ||
         std::any_of(init.begin(), init.end(), asks);
}

}  // namespace

std::optional<Waiting> refusal(const api::Pod& pod, const Options& options) {
  if (asks_for_apparmor(pod) && !options.apparmor)
    return Waiting{"AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"};
  return std::nullopt;
}

Status check_runtime_fields(const api::Pod& pod) {
  if (!pod.spec.hostUsers.value_or(true))
    return unimplemented("spec.hostUsers: false: this node has no user namespaces for pods");
  return absl::OkStatus();
}

bool apparmor_enabled() {
  return read_file("/sys/module/apparmor/parameters/enabled").value_or("").starts_with('Y');
}

}  // namespace skiff::kubelet
