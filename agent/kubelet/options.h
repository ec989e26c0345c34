// SPDX-License-Identifier: Apache-2.0
// How the kubelet of one node is set up. Given once by the daemon.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::kubelet {

// What the endpoints of Services say of a pod.
enum class Served {
  kNo,       // no Service names it
  kLeaving,  // named, but not for new connections any more
  kYes,      // new connections are sent to it
};

struct Options {
  std::string node_name;
  std::vector<std::string> node_ips;  // status.hostIPs of pods, the primary one first
  std::filesystem::path data_dir = "/var/lib/skiff/kubelet";  // pods/UID/… below it
  std::filesystem::path log_dir = "/var/log/pods";
  std::filesystem::path seccomp_dir = "/var/lib/skiff/seccomp";  // Localhost profiles
  std::string cgroup_root = "/";  // below each hierarchy; pods go to ROOT/kubepods
  std::filesystem::path cgroup_mount = "/sys/fs/cgroup";

  std::string cluster_domain = "cluster.local";
  std::vector<std::string> cluster_dns;  // empty: ClusterFirst acts as Default
  std::filesystem::path resolv_conf = "/etc/resolv.conf";

  // A present image satisfies imagePullPolicy Always: for clusters without a registry, whose images
  // are loaded into the node (Kubernetes would fail there). Image garbage collection is off then,
  // as nothing could bring an image back.
  bool image_pull_fallback = false;
  // Secrets and tokens live in memory, not on disk. Needs CAP_SYS_ADMIN and a mount namespace
  // shared with the runtime.
  bool tmpfs_volumes = true;

  bool apparmor = false;  // this node's kernel enforces AppArmor profiles

  // For resourceFieldRef without a limit. 0: what the machine has; of the disk, the file system of
  // `data_dir`.
  int64_t allocatable_millicores = 0;
  int64_t allocatable_memory_bytes = 0;
  int64_t allocatable_disk_bytes = 0;

  std::chrono::seconds relist_period{10};
  std::chrono::seconds volume_refresh_period{30};
  std::chrono::milliseconds housekeeping_period{10'000};
  std::chrono::seconds default_grace{30};
  int64_t max_log_bytes = 10 * 1024 * 1024;
  int max_log_files = 5;
  int parallel_pods = 64;  // pods in work at once

  // By name of a RuntimeClass (empty: none) the handler of the runtime that runs its pods; an error
  // says why there is none. Null: the runtime's default for all.
  std::function<Result<std::string>(const std::string& runtime_class)> runtime_handler;

  // By pod UID. A deleted pod hears of its end only after Services have turned new connections away
  // from it: a server that stops listening at once would refuse them. Null: it hears at once.
  std::function<Served(const std::string& uid)> served;
};

}  // namespace skiff::kubelet
