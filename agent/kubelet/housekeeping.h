// SPDX-License-Identifier: Apache-2.0
// What a node does now and then beside its pods: rotates container logs, removes images nobody uses
// when the disk fills up.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "agent/kubelet/options.h"
#include "agent/runtime/runtime.h"

namespace skiff::kubelet {

// The images to remove so that `excess_bytes` come free: unused, not pinned, largest first. Pure.
std::vector<std::string> plan_image_removal(const std::vector<runtime::Image>& images,
                                            const std::vector<runtime::Container>& containers,
                                            uint64_t excess_bytes);

// Moves LOG to LOG.TIME and removes the oldest of the moved ones, so that at most `max_files` are
// left with the new LOG. The runtime must then be told to open LOG anew. Blocks.
Status rotate_log(const std::filesystem::path& log, int max_files, const std::string& time);

// UIDs of the pods that have directories or logs on this node. Blocks.
std::set<std::string> pods_on_disk(const Options& options);
// Removes directories, mounts, logs and control groups of these pods: what a crash left between two
// steps of a pod's end. Blocks.
Status remove_leftovers(const Options& options, const std::set<std::string>& uids);

class Housekeeping {
 public:
  Housekeeping(const Options& options, runtime::Runtime& runtime, asio::thread_pool& pool)
      : options_(options), runtime_(runtime), pool_(pool) {}

  // One round.
  awaitable<Status> run();

 private:
  awaitable<Status> rotate_logs(const std::vector<runtime::Container>& containers);
  awaitable<Status> remove_images(const std::vector<runtime::Container>& containers);

  const Options& options_;
  runtime::Runtime& runtime_;
  asio::thread_pool& pool_;
  int rounds_ = 0;
};

}  // namespace skiff::kubelet
