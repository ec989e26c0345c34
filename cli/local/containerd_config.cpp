// SPDX-License-Identifier: Apache-2.0
#include "cli/local/layout.h"

namespace skiff::cli {

// restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower a score, and no pod would
// start. netns_mounts_under_state_dir: pods' namespaces appear below the node's own directory, not
// in the machine's /run/netns.
std::string containerd_config(const std::string& data, const std::string& run,
                              const std::string& cni_bin, const std::string& cni_conf) {
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
  return fmt::format(fmt::runtime(kTemplate), fmt::arg("data", data), fmt::arg("run", run),
                     fmt::arg("cni_bin", cni_bin), fmt::arg("cni_conf", cni_conf));
}

}  // namespace skiff::cli
