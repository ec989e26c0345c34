// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/sandbox_config.h"

#include "agent/kubelet/dns_config.h"
#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/security_context.h"

namespace skiff::kubelet {
namespace {

// `last-applied-configuration` is large and of no use to a runtime.
constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";

bool any_privileged(const api::Pod& pod) {
  auto privileged = [](const api::Container& container) {
    return container.securityContext && container.securityContext->privileged.value_or(false);
  };
  return std::any_of(pod.spec.containers.begin(), pod.spec.containers.end(), privileged) ||
         std::any_of(pod.spec.initContainers.begin(), pod.spec.initContainers.end(), privileged);
}

void add_ports(const std::vector<api::Container>& containers, runtime::SandboxConfig& config) {
  for (const auto& container : containers)
    for (const auto& port : container.ports)
      config.ports.push_back({port.protocol.empty() ? "TCP" : port.protocol, port.containerPort,
                              port.hostPort, port.hostIP});
}

}  // namespace

runtime::SandboxConfig sandbox_config(const SandboxInput& input) {
  const api::Pod& pod = input.pod;
  runtime::SandboxConfig config;
  config.metadata = {pod.metadata.name, pod.metadata.uid, pod.metadata.namespace_, input.attempt};
  config.labels = sandbox_labels(pod);
  config.annotations = pod.metadata.annotations;
  config.annotations.erase(kLastApplied);
  config.log_directory = PodPaths(input.options, pod).logs();
  config.dns = dns_config(pod, input.options, input.host_resolv_conf);
  config.cgroup_parent = input.cgroup_parent;
  if (!pod.spec.hostNetwork) {
    config.hostname = pod_hostname(pod);
    const std::string domain = pod_domain(pod, input.options);
    if (pod.spec.setHostnameAsFQDN.value_or(false) && !domain.empty())
      config.hostname += "." + domain;
    add_ports(pod.spec.containers, config);
    add_ports(pod.spec.initContainers, config);
  }
  config.security.namespaces = pod_namespaces(pod);
  config.security.privileged = any_privileged(pod);
  config.security.seccomp.type = runtime::SecurityProfile::Type::RuntimeDefault;
  if (const auto& context = pod.spec.securityContext) {
    config.security.run_as_user = context->runAsUser;
    if (context->runAsUser) config.security.run_as_group = context->runAsGroup;
    config.security.supplemental_groups = context->supplementalGroups;
    if (context->fsGroup) config.security.supplemental_groups.push_back(*context->fsGroup);
    if (context->seLinuxOptions) config.security.selinux = selinux_label(*context->seLinuxOptions);
    if (context->seccompProfile)
      config.security.seccomp =
          seccomp_profile(*context->seccompProfile, input.options.seccomp_dir);
    for (const auto& sysctl : context->sysctls) config.sysctls[sysctl.name] = sysctl.value;
  }
  return config;
}

}  // namespace skiff::kubelet
