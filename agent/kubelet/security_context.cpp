// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/security_context.h"

namespace skiff::kubelet {
namespace {

// What a container must not see or change of the node through /proc and /sys; Kubernetes' list.
const std::vector<std::string> kMaskedPaths = {
    "/proc/asound",      "/proc/acpi",          "/proc/interrupts", "/proc/kcore",
    "/proc/keys",        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi",          "/sys/firmware",    "/sys/devices/virtual/powercap",
};
const std::vector<std::string> kReadonlyPaths = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

// The container's own setting, else the pod's.
template <class T>
std::optional<T> first_of(const std::optional<T>& own, const std::optional<T>& of_pod) {
  return own ? own : of_pod;
}

std::string without_prefix(std::string capability) {
  return capability.starts_with("CAP_") ? capability.substr(4) : capability;
}

Status check_non_root(const runtime::ContainerSecurity& security, const runtime::Image& image,
                      const std::string& container) {
  if (security.run_as_user) {
    if (*security.run_as_user == 0)
      return failed_precondition("container's runAsUser breaks non-root policy (container: {})",
                                 container);
    return absl::OkStatus();
  }
  if (!image.username.empty())
    return failed_precondition(
        "container has runAsNonRoot and image has non-numeric user ({}), cannot verify user is "
        "non-root (container: {})",
        image.username, container);
  if (image.uid.value_or(0) == 0)
    return failed_precondition(
        "container has runAsNonRoot and image will run as root (container: {})", container);
  return absl::OkStatus();
}

void set_user(const api::SecurityContext& own, const api::PodSecurityContext& of_pod,
              const runtime::Image& image, runtime::ContainerSecurity& out) {
  out.run_as_user = first_of(own.runAsUser, of_pod.runAsUser);
  out.run_as_group = first_of(own.runAsGroup, of_pod.runAsGroup);
  // The runtime takes a group only together with a user.
  if (out.run_as_group && !out.run_as_user) {
    if (image.username.empty())
      out.run_as_user = image.uid.value_or(0);
    else
      out.run_as_username = image.username;
  }
  out.supplemental_groups = of_pod.supplementalGroups;
  if (of_pod.fsGroup) out.supplemental_groups.push_back(*of_pod.fsGroup);
}

runtime::SecurityProfile apparmor_profile(const api::AppArmorProfile& profile) {
  using Type = runtime::SecurityProfile::Type;
  if (profile.type == "RuntimeDefault") return {Type::RuntimeDefault, ""};
  if (profile.type == "Localhost") return {Type::Localhost, profile.localhostProfile.value_or("")};
  return {Type::Unconfined, ""};
}

void set_labels(const api::SecurityContext& own, const api::PodSecurityContext& of_pod,
                runtime::ContainerSecurity& out) {
  if (own.appArmorProfile)
    out.apparmor = apparmor_profile(*own.appArmorProfile);
  else if (of_pod.appArmorProfile)
    out.apparmor = apparmor_profile(*of_pod.appArmorProfile);
  if (own.seLinuxOptions)
    out.selinux = selinux_label(*own.seLinuxOptions);
  else if (of_pod.seLinuxOptions)
    out.selinux = selinux_label(*of_pod.seLinuxOptions);
}

}  // namespace

runtime::NamespaceOptions pod_namespaces(const api::Pod& pod) {
  using runtime::NamespaceMode;
  runtime::NamespaceOptions options;
  options.network = pod.spec.hostNetwork ? NamespaceMode::Node : NamespaceMode::Pod;
  options.ipc = pod.spec.hostIPC ? NamespaceMode::Node : NamespaceMode::Pod;
  options.pid = pod.spec.hostPID                                 ? NamespaceMode::Node
                : pod.spec.shareProcessNamespace.value_or(false) ? NamespaceMode::Pod
                                                                 : NamespaceMode::Container;
  return options;
}

runtime::SecurityProfile seccomp_profile(const api::SeccompProfile& profile,
                                         const std::filesystem::path& seccomp_dir) {
  using Type = runtime::SecurityProfile::Type;
  if (profile.type == "RuntimeDefault") return {Type::RuntimeDefault, ""};
  if (profile.type == "Localhost")
    return {Type::Localhost, seccomp_dir / profile.localhostProfile.value_or("")};
  return {Type::Unconfined, ""};
}

runtime::SelinuxLabel selinux_label(const api::SELinuxOptions& options) {
  return {options.user, options.role, options.type, options.level};
}

Result<runtime::ContainerSecurity> container_security(const api::Pod& pod,
                                                      const api::Container& container,
                                                      const runtime::Image& image,
                                                      const Options& options) {
  const api::SecurityContext own =
      container.securityContext ? *container.securityContext : api::SecurityContext{};
  const api::PodSecurityContext of_pod =
      pod.spec.securityContext ? *pod.spec.securityContext : api::PodSecurityContext{};
  runtime::ContainerSecurity out;
  out.namespaces = pod_namespaces(pod);
  set_user(own, of_pod, image, out);
  if (first_of(own.runAsNonRoot, of_pod.runAsNonRoot).value_or(false))
    RETURN_IF_ERROR(check_non_root(out, image, container.name));
  if (own.capabilities) {
    for (const auto& name : own.capabilities->add)
      out.add_capabilities.push_back(without_prefix(name));
    for (const auto& name : own.capabilities->drop)
      out.drop_capabilities.push_back(without_prefix(name));
  }
  out.privileged = own.privileged.value_or(false);
  out.readonly_rootfs = own.readOnlyRootFilesystem.value_or(false);
  out.no_new_privs = !own.allowPrivilegeEscalation.value_or(true);
  if (own.procMount.value_or("Default") == "Default" && !out.privileged) {
    out.masked_paths = kMaskedPaths;
    out.readonly_paths = kReadonlyPaths;
  }
  if (own.seccompProfile)
    out.seccomp = seccomp_profile(*own.seccompProfile, options.seccomp_dir);
  else if (of_pod.seccompProfile)
    out.seccomp = seccomp_profile(*of_pod.seccompProfile, options.seccomp_dir);
  set_labels(own, of_pod, out);
  return out;
}

}  // namespace skiff::kubelet
