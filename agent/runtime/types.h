// SPDX-License-Identifier: Apache-2.0
// What the container runtime is told and tells, in plain structs: no protobuf type leaves this
// folder. Names follow the Container Runtime Interface (k8s.io/cri-api runtime.v1); only what skiff
// uses is here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace skiff::runtime {

using StringMap = std::map<std::string, std::string>;

enum class NamespaceMode { Pod, Container, Node, Target };
enum class MountPropagation { Private, HostToContainer, Bidirectional };
enum class SandboxState { Ready, NotReady };
enum class ContainerState { Created, Running, Exited, Unknown };

struct NamespaceOptions {
  NamespaceMode network = NamespaceMode::Pod;
  NamespaceMode pid = NamespaceMode::Container;
  NamespaceMode ipc = NamespaceMode::Pod;
  std::string target_id;  // with pid == Target: the container to join
  bool operator==(const NamespaceOptions&) const = default;
};

struct SecurityProfile {
  enum class Type { RuntimeDefault, Unconfined, Localhost };
  Type type = Type::Unconfined;
  std::string localhost_ref;  // absolute path on the node, with Type::Localhost
  bool operator==(const SecurityProfile&) const = default;
};

// Where the kernel has SELinux; ignored elsewhere.
struct SelinuxLabel {
  std::string user;
  std::string role;
  std::string type;
  std::string level;
  bool operator==(const SelinuxLabel&) const = default;
};

// Zero means: not set.
struct LinuxResources {
  int64_t cpu_period_us = 0;
  int64_t cpu_quota_us = 0;
  int64_t cpu_shares = 0;
  int64_t memory_limit_bytes = 0;
  int64_t oom_score_adj = 0;
  StringMap unified;  // cgroup v2 file -> value
  bool operator==(const LinuxResources&) const = default;
};

struct SandboxMetadata {
  std::string name;
  std::string uid;
  std::string namespace_;
  uint32_t attempt = 0;
  bool operator==(const SandboxMetadata&) const = default;
};

struct DnsConfig {
  std::vector<std::string> servers;
  std::vector<std::string> searches;
  std::vector<std::string> options;
  bool operator==(const DnsConfig&) const = default;
};

struct PortMapping {
  std::string protocol = "TCP";  // TCP, UDP or SCTP
  int32_t container_port = 0;
  int32_t host_port = 0;
  std::string host_ip;
  bool operator==(const PortMapping&) const = default;
};

struct SandboxSecurity {
  NamespaceOptions namespaces;
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;
  std::vector<int64_t> supplemental_groups;
  bool readonly_rootfs = false;
  bool privileged = false;
  SecurityProfile seccomp;
  std::optional<SelinuxLabel> selinux;
};

struct SandboxConfig {
  SandboxMetadata metadata;
  std::string hostname;
  std::string log_directory;
  std::optional<DnsConfig> dns;  // absent: the runtime copies the node's resolv.conf
  std::vector<PortMapping> ports;
  StringMap labels;
  StringMap annotations;
  std::string cgroup_parent;
  SandboxSecurity security;
  StringMap sysctls;
  std::string runtime_handler;
};

// A sandbox as list_sandboxes() tells it; `ips` and `namespaces` are known to sandbox_status()
// only.
struct Sandbox {
  std::string id;
  SandboxMetadata metadata;
  SandboxState state = SandboxState::NotReady;
  TimePoint created_at;
  StringMap labels;
  StringMap annotations;
  std::vector<std::string> ips;  // the primary one first
  NamespaceOptions namespaces;
};

struct Mount {
  std::string container_path;
  std::string host_path;
  bool readonly = false;
  MountPropagation propagation = MountPropagation::Private;
  bool operator==(const Mount&) const = default;
};

struct Device {
  std::string container_path;
  std::string host_path;
  std::string permissions = "mrw";
};

struct ContainerSecurity {
  std::vector<std::string> add_capabilities;
  std::vector<std::string> drop_capabilities;
  bool privileged = false;
  NamespaceOptions namespaces;
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;  // needs run_as_user
  std::string run_as_username;
  bool readonly_rootfs = false;
  std::vector<int64_t> supplemental_groups;
  bool no_new_privs = false;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  SecurityProfile seccomp;
  std::optional<SecurityProfile> apparmor;  // Localhost: the name of a loaded profile
  std::optional<SelinuxLabel> selinux;
};

struct EnvVar {
  std::string name;
  std::string value;
  bool operator==(const EnvVar&) const = default;
};

struct ContainerConfig {
  std::string name;
  uint32_t attempt = 0;
  std::string image;  // a reference or an id the runtime knows
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<EnvVar> envs;
  std::vector<Mount> mounts;
  std::vector<Device> devices;
  StringMap labels;
  StringMap annotations;
  std::string log_path;  // relative to the sandbox's log directory
  bool stdin_open = false;
  bool stdin_once = false;
  bool tty = false;
  LinuxResources resources;
  ContainerSecurity security;
};

// A container as list_containers() tells it.
struct Container {
  std::string id;
  std::string sandbox_id;
  std::string name;
  uint32_t attempt = 0;
  std::string image;      // as the container was configured
  std::string image_ref;  // id or digest of what it runs
  ContainerState state = ContainerState::Unknown;
  TimePoint created_at;
  StringMap labels;
  StringMap annotations;
};

struct ContainerStatus {
  std::string id;
  std::string name;
  uint32_t attempt = 0;
  ContainerState state = ContainerState::Unknown;
  TimePoint created_at;
  TimePoint started_at;   // zero: not yet
  TimePoint finished_at;  // zero: not yet
  int32_t exit_code = 0;
  std::string image;
  std::string image_ref;
  std::string reason;  // the runtime's own word: Completed, Error, OOMKilled, …
  std::string message;
  StringMap labels;
  StringMap annotations;
  std::vector<Mount> mounts;
  std::string log_path;
};

// Nobody had asked to start it yet, or its start was cut off with the call that asked for it,
// because the agent died: the runtime says that it exited, though it never ran, and a process of it
// may still come up.
bool was_cut_off(const ContainerStatus& status);

struct ExecResult {
  std::string output;  // standard output
  std::string error;   // standard error
  int32_t exit_code = 0;
};

struct Image {
  std::string id;
  std::vector<std::string> repo_tags;
  std::vector<std::string> repo_digests;
  uint64_t size_bytes = 0;
  std::optional<int64_t> uid;  // the image's USER, where it is a number
  std::string username;        // … where it is a name
  bool pinned = false;
};

struct ImageAuth {
  std::string username;
  std::string password;
  std::string auth;
  std::string server_address;
  std::string identity_token;
  std::string registry_token;
};

struct ContainerStats {
  std::string id;
  std::string name;
  StringMap labels;
  TimePoint sampled_at;
  uint64_t cpu_usage_ns = 0;
  uint64_t memory_working_set_bytes = 0;
  uint64_t memory_usage_bytes = 0;
  uint64_t memory_rss_bytes = 0;
  uint64_t writable_layer_bytes = 0;
  uint64_t writable_layer_inodes = 0;
};

struct FilesystemUsage {
  std::string mountpoint;
  uint64_t used_bytes = 0;
  uint64_t inodes_used = 0;
};

struct Version {
  std::string runtime_name;
  std::string runtime_version;
  std::string api_version;
};

struct Condition {
  std::string type;  // RuntimeReady, NetworkReady
  bool status = false;
  std::string reason;
  std::string message;
};

// Something began or ended. Hints only: they can be lost, so a relist must find the same.
struct ContainerEvent {
  enum class Kind { Started, Exited };
  Kind kind = Kind::Exited;
  std::string id;  // of a container or of a sandbox
};

struct ExecRequest {
  std::string container_id;
  std::vector<std::string> command;
  bool tty = false;
  bool in = false;
  bool out = true;
  bool err = true;
};

struct AttachRequest {
  std::string container_id;
  bool tty = false;
  bool in = false;
  bool out = true;
  bool err = true;
};

}  // namespace skiff::runtime
