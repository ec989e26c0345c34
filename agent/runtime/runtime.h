// SPDX-License-Identifier: Apache-2.0
// The container runtime of this node, as the agent sees it. Every call is a coroutine of the
// agent's loop with a deadline of its own; an error names the operation (`create container web:
// …`). Calls for one pod must not overlap; calls for different pods may.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/runtime/types.h"
#include "base/async.h"
#include "base/result.h"

namespace skiff::runtime {

class Runtime {
 public:
  virtual ~Runtime() = default;

  virtual awaitable<Result<Version>> version() = 0;
  virtual awaitable<Result<std::vector<Condition>>> status() = 0;
  virtual awaitable<Status> update_pod_cidr(std::string cidr) = 0;

  // Creates and starts a sandbox, its network included. Returns its id.
  virtual awaitable<Result<std::string>> run_sandbox(SandboxConfig config) = 0;
  // Kills what runs in the sandbox and tears its network down. Idempotent; a missing sandbox is
  // fine.
  virtual awaitable<Status> stop_sandbox(std::string id) = 0;
  virtual awaitable<Status> remove_sandbox(std::string id) = 0;
  // NOT_FOUND if there is none.
  virtual awaitable<Result<Sandbox>> sandbox_status(std::string id) = 0;
  virtual awaitable<Result<std::vector<Sandbox>>> list_sandboxes(StringMap labels = {}) = 0;

  virtual awaitable<Result<std::string>> create_container(std::string sandbox_id,
                                                          ContainerConfig config,
                                                          SandboxConfig sandbox) = 0;
  virtual awaitable<Status> start_container(std::string id) = 0;
  // SIGTERM, then SIGKILL after `grace`. Returns when the container has ended. Idempotent.
  virtual awaitable<Status> stop_container(std::string id, std::chrono::seconds grace) = 0;
  // Ends what may still run of it, see was_cut_off. Idempotent.
  virtual awaitable<Status> remove_container(std::string id) = 0;
  virtual awaitable<Result<std::vector<Container>>> list_containers(StringMap labels = {}) = 0;
  virtual awaitable<Result<ContainerStatus>> container_status(std::string id) = 0;
  virtual awaitable<Status> update_resources(std::string id, LinuxResources resources) = 0;
  virtual awaitable<Status> reopen_log(std::string id) = 0;
  virtual awaitable<Result<std::vector<ContainerStats>>> container_stats() = 0;

  // Runs `command` to its end, or to DEADLINE_EXCEEDED after `timeout`.
  virtual awaitable<Result<ExecResult>> exec_sync(std::string id, std::vector<std::string> command,
                                                  std::chrono::seconds timeout) = 0;
  // URLs of the runtime's streaming server, good for one connection soon after.
  virtual awaitable<Result<std::string>> exec_url(ExecRequest request) = 0;
  virtual awaitable<Result<std::string>> attach_url(AttachRequest request) = 0;
  virtual awaitable<Result<std::string>> port_forward_url(std::string sandbox_id,
                                                          std::vector<int32_t> ports) = 0;

  virtual awaitable<Result<std::vector<Image>>> list_images() = 0;
  // Absent if the node has no such image.
  virtual awaitable<Result<std::optional<Image>>> image_status(std::string image) = 0;
  // Returns the reference of what was pulled.
  virtual awaitable<Result<std::string>> pull_image(std::string image,
                                                    std::optional<ImageAuth> auth,
                                                    SandboxConfig sandbox) = 0;
  virtual awaitable<Status> remove_image(std::string image) = 0;
  virtual awaitable<Result<std::vector<FilesystemUsage>>> image_filesystems() = 0;

  // From now on calls `on_event` on the loop whenever a container or sandbox starts or exits.
  // Reconnects by itself; events may be lost while it does.
  virtual void watch_events(std::function<void(const ContainerEvent&)> on_event) = 0;
};

}  // namespace skiff::runtime
