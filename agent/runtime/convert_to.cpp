// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/convert.h"

namespace skiff::runtime {
namespace {

void set_map(const StringMap& from, google::protobuf::Map<std::string, std::string>& into) {
  into.insert(from.begin(), from.end());
}

template <class T>
void set_list(const std::vector<T>& from, auto& into) {
  into.Add(from.begin(), from.end());
}

cri::NamespaceOption to_cri(const NamespaceOptions& options) {
  cri::NamespaceOption out;
  out.set_network(static_cast<cri::NamespaceMode>(options.network));
  out.set_pid(static_cast<cri::NamespaceMode>(options.pid));
  out.set_ipc(static_cast<cri::NamespaceMode>(options.ipc));
  out.set_target_id(options.target_id);
  return out;
}

cri::SecurityProfile to_cri(const SecurityProfile& profile) {
  cri::SecurityProfile out;
  out.set_profile_type(static_cast<cri::SecurityProfile::ProfileType>(profile.type));
  out.set_localhost_ref(profile.localhost_ref);
  return out;
}

cri::SELinuxOption to_cri(const SelinuxLabel& label) {
  cri::SELinuxOption out;
  out.set_user(label.user);
  out.set_role(label.role);
  out.set_type(label.type);
  out.set_level(label.level);
  return out;
}

cri::Protocol protocol(const std::string& name) {
  if (name == "UDP") return cri::UDP;
  return name == "SCTP" ? cri::SCTP : cri::TCP;
}

void set_security(const SandboxSecurity& from, cri::LinuxSandboxSecurityContext& into) {
  *into.mutable_namespace_options() = to_cri(from.namespaces);
  if (from.run_as_user) into.mutable_run_as_user()->set_value(*from.run_as_user);
  if (from.run_as_group) into.mutable_run_as_group()->set_value(*from.run_as_group);
  set_list(from.supplemental_groups, *into.mutable_supplemental_groups());
  into.set_readonly_rootfs(from.readonly_rootfs);
  into.set_privileged(from.privileged);
  *into.mutable_seccomp() = to_cri(from.seccomp);
  if (from.selinux) *into.mutable_selinux_options() = to_cri(*from.selinux);
}

void set_security(const ContainerSecurity& from, cri::LinuxContainerSecurityContext& into) {
  set_list(from.add_capabilities, *into.mutable_capabilities()->mutable_add_capabilities());
  set_list(from.drop_capabilities, *into.mutable_capabilities()->mutable_drop_capabilities());
  into.set_privileged(from.privileged);
  *into.mutable_namespace_options() = to_cri(from.namespaces);
  if (from.run_as_user) into.mutable_run_as_user()->set_value(*from.run_as_user);
  if (from.run_as_group) into.mutable_run_as_group()->set_value(*from.run_as_group);
  into.set_run_as_username(from.run_as_username);
  into.set_readonly_rootfs(from.readonly_rootfs);
  set_list(from.supplemental_groups, *into.mutable_supplemental_groups());
  into.set_no_new_privs(from.no_new_privs);
  set_list(from.masked_paths, *into.mutable_masked_paths());
  set_list(from.readonly_paths, *into.mutable_readonly_paths());
  *into.mutable_seccomp() = to_cri(from.seccomp);
  if (from.apparmor) *into.mutable_apparmor() = to_cri(*from.apparmor);
  if (from.selinux) *into.mutable_selinux_options() = to_cri(*from.selinux);
}

void set_mounts(const ContainerConfig& config, cri::ContainerConfig& out) {
  for (const Mount& mount : config.mounts) {
    auto& m = *out.add_mounts();
    m.set_container_path(mount.container_path);
    m.set_host_path(mount.host_path);
    m.set_readonly(mount.readonly);
    m.set_propagation(static_cast<cri::MountPropagation>(mount.propagation));
  }
  for (const Device& device : config.devices) {
    auto& d = *out.add_devices();
    d.set_container_path(device.container_path);
    d.set_host_path(device.host_path);
    d.set_permissions(device.permissions);
  }
}

}  // namespace

cri::PodSandboxConfig to_cri(const SandboxConfig& config) {
  cri::PodSandboxConfig out;
  auto& metadata = *out.mutable_metadata();
  metadata.set_name(config.metadata.name);
  metadata.set_uid(config.metadata.uid);
  metadata.set_namespace_(config.metadata.namespace_);
  metadata.set_attempt(config.metadata.attempt);
  out.set_hostname(config.hostname);
  out.set_log_directory(config.log_directory);
  if (config.dns) {
    set_list(config.dns->servers, *out.mutable_dns_config()->mutable_servers());
    set_list(config.dns->searches, *out.mutable_dns_config()->mutable_searches());
    set_list(config.dns->options, *out.mutable_dns_config()->mutable_options());
  }
  for (const PortMapping& port : config.ports) {
    auto& p = *out.add_port_mappings();
    p.set_protocol(protocol(port.protocol));
    p.set_container_port(port.container_port);
    p.set_host_port(port.host_port);
    p.set_host_ip(port.host_ip);
  }
  set_map(config.labels, *out.mutable_labels());
  set_map(config.annotations, *out.mutable_annotations());
  auto& linux_config = *out.mutable_linux();
  linux_config.set_cgroup_parent(config.cgroup_parent);
  set_security(config.security, *linux_config.mutable_security_context());
  set_map(config.sysctls, *linux_config.mutable_sysctls());
  return out;
}

cri::LinuxContainerResources to_cri(const LinuxResources& resources) {
  cri::LinuxContainerResources out;
  out.set_cpu_period(resources.cpu_period_us);
  out.set_cpu_quota(resources.cpu_quota_us);
  out.set_cpu_shares(resources.cpu_shares);
  out.set_memory_limit_in_bytes(resources.memory_limit_bytes);
  out.set_oom_score_adj(resources.oom_score_adj);
  set_map(resources.unified, *out.mutable_unified());
  return out;
}

cri::ContainerConfig to_cri(const ContainerConfig& config) {
  cri::ContainerConfig out;
  out.mutable_metadata()->set_name(config.name);
  out.mutable_metadata()->set_attempt(config.attempt);
  out.mutable_image()->set_image(config.image);
  set_list(config.command, *out.mutable_command());
  set_list(config.args, *out.mutable_args());
  out.set_working_dir(config.working_dir);
  for (const EnvVar& env : config.envs) {
    auto& e = *out.add_envs();
    e.set_key(env.name);
    e.set_value(env.value);
  }
  set_mounts(config, out);
  set_map(config.labels, *out.mutable_labels());
  set_map(config.annotations, *out.mutable_annotations());
  out.set_log_path(config.log_path);
  out.set_stdin(config.stdin_open);
  out.set_stdin_once(config.stdin_once);
  out.set_tty(config.tty);
  *out.mutable_linux()->mutable_resources() = to_cri(config.resources);
  set_security(config.security, *out.mutable_linux()->mutable_security_context());
  return out;
}

cri::AuthConfig to_cri(const ImageAuth& auth) {
  cri::AuthConfig out;
  out.set_username(auth.username);
  out.set_password(auth.password);
  out.set_auth(auth.auth);
  out.set_server_address(auth.server_address);
  out.set_identity_token(auth.identity_token);
  out.set_registry_token(auth.registry_token);
  return out;
}

}  // namespace skiff::runtime
