// SPDX-License-Identifier: Apache-2.0
#include "cli/local/layout.h"

namespace skiff::cli {
namespace {

// "crun=/usr/bin/crun", "kata=io.containerd.kata.v2"
std::string handler(const std::string& runtime) {
  const size_t equals = runtime.find('=');
  const std::string name = runtime.substr(0, equals);
  const std::string value = runtime.substr(equals + 1);
  const std::string table =
      fmt::format(R"(plugins."io.containerd.grpc.v1.cri".containerd.runtimes.{})", name);
  if (value.starts_with("io.containerd."))
    return fmt::format("    [{}]\n      runtime_type = \"{}\"\n", table, value);
  return fmt::format(
      "    [{0}]\n      runtime_type = \"io.containerd.runc.v2\"\n      [{0}.options]\n"
      "        BinaryName = \"{1}\"\n        SystemdCgroup = false\n",
      table, value);
}

}  // namespace

// restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower a score, and no pod would
// start. netns_mounts_under_state_dir: pods' namespaces appear below the node's own directory, not
// in the machine's /run/netns.
std::string containerd_config(const std::string& data, const std::string& run,
                              const std::string& cni_bin, const std::string& cni_conf,
                              const std::vector<std::string>& runtimes) {
  constexpr const char* kTemplate = R"(version = 2
root = "{data}"
state = "{run}/state"
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.restart",
  "io.containerd.internal.v1.tracing", "io.containerd.monitor.v1.cgroups",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.native",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp",
]
[debug]
  level = "warn"
[grpc]
  address = "{run}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  disable_tcp_service = true
  enable_unprivileged_icmp = true
  enable_unprivileged_ports = true
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true
  sandbox_image = "skiff.local/pause:1"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni_bin}"
    conf_dir = "{cni_conf}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
)";
  std::string config =
      fmt::format(fmt::runtime(kTemplate), fmt::arg("data", data), fmt::arg("run", run),
                  fmt::arg("cni_bin", cni_bin), fmt::arg("cni_conf", cni_conf));
  for (const std::string& runtime : runtimes) config += handler(runtime);
  return config;
}

}  // namespace skiff::cli
