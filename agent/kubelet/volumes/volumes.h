// SPDX-License-Identifier: Apache-2.0
// The volumes of pods on disk: made before the first container, kept up to date while the pod
// lives, removed after it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/kubelet/objects.h"
#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/volumes/content.h"
#include "agent/runtime/types.h"

namespace skiff::kubelet {

using PodPtr = std::shared_ptr<const api::Pod>;

class Volumes {
 public:
  Volumes(const Options& options, ObjectSource& objects, asio::thread_pool& pool)
      : options_(options), objects_(objects), pool_(pool) {}

  // Makes every volume of the pod ready or up to date, from objects at most `max_age` old.
  // Idempotent.
  awaitable<Status> prepare(PodPtr pod, Duration max_age);
  // What the container sees of them, with /etc/hosts and its termination message file.
  awaitable<Result<std::vector<runtime::Mount>>> mounts(PodPtr pod, const api::Container& container,
                                                        std::vector<runtime::EnvVar> envs,
                                                        uint32_t attempt);
  // Writes the pod's /etc/hosts.
  awaitable<Status> write_hosts(PodPtr pod, std::vector<std::string> pod_ips);
  // Unmounts and removes the pod's directory and its logs.
  awaitable<Status> remove(PodPaths paths);

 private:
  awaitable<Status> prepare_content(PodPtr pod, const api::Volume& volume, Duration max_age);

  const Options& options_;
  ObjectSource& objects_;
  asio::thread_pool& pool_;
};

// Whether any volume shows objects that may change.
bool has_changing_volumes(const api::Pod& pod);

// Where the volume is on the node; INVALID_ARGUMENT for kinds this node does not know.
Result<std::filesystem::path> volume_path(const api::Pod& pod, const std::string& name,
                                          const PodPaths& paths);

}  // namespace skiff::kubelet
