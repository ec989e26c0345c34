// SPDX-License-Identifier: Apache-2.0
// A container runtime in memory: sandboxes and containers that start, exit and stop when a test
// says so. Answers at once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/runtime/runtime.h"
#include "base/clock.h"

namespace skiff::runtime {

class FakeRuntime final : public Runtime {
 public:
  explicit FakeRuntime(const Clock& clock) : clock_(clock) {}

  // --- what a test sets ---
  std::map<std::string, Image> images;    // by reference; missing ones cannot be pulled
  std::map<std::string, Image> registry;  // what can be pulled
  std::map<std::string, Status>
      failures;  // by operation ("create web", "run sandbox"); stay until erased
  std::map<std::string, ExecResult> exec_results;  // by first word of the command; else exit code 0
  std::set<std::string> stubborn;                  // container names that outlive SIGTERM
  std::string next_ip = "10.244.1.2";

  void add_image(const std::string& reference);
  // The running instance of a container ends. Tells watchers.
  void exit_container(const std::string& name, int32_t exit_code);
  // The instance of a container is as a start leaves it that was cut off with its caller.
  void cut_off(const std::string& name);
  // It is as if it had been created and nobody had asked to start it.
  void leave_created(const std::string& name);
  // Every instance of it is gone, as if somebody else had removed it.
  void lose(const std::string& name);
  void kill_sandbox(const std::string& pod_uid);  // as if its pause process died

  // --- what a test looks at ---
  std::vector<std::string>
      calls;  // "run sandbox web", "create main/0", "start main/0", "stop main/0 30s", …
  bool called(const std::string& call) const;
  int count(const std::string& prefix) const;
  const ContainerConfig* config_of(const std::string& name) const;  // of the newest instance
  std::vector<std::string> running() const;                         // names, in order of creation
  size_t sandbox_count() const { return sandboxes_.size(); }
  size_t container_count() const { return containers_.size(); }

  // --- Runtime ---
  awaitable<Result<Version>> version() override;
  awaitable<Result<std::vector<Condition>>> status() override;
  awaitable<Status> update_pod_cidr(std::string cidr) override;
  awaitable<Result<std::string>> run_sandbox(SandboxConfig config) override;
  awaitable<Status> stop_sandbox(std::string id) override;
  awaitable<Status> remove_sandbox(std::string id) override;
  awaitable<Result<Sandbox>> sandbox_status(std::string id) override;
  awaitable<Result<std::vector<Sandbox>>> list_sandboxes(StringMap labels) override;
  awaitable<Result<std::string>> create_container(std::string sandbox_id, ContainerConfig config,
                                                  SandboxConfig sandbox) override;
  awaitable<Status> start_container(std::string id) override;
  awaitable<Status> stop_container(std::string id, std::chrono::seconds grace) override;
  awaitable<Status> remove_container(std::string id) override;
  awaitable<Result<std::vector<Container>>> list_containers(StringMap labels) override;
  awaitable<Result<ContainerStatus>> container_status(std::string id) override;
  awaitable<Status> update_resources(std::string id, LinuxResources resources) override;
  awaitable<Status> reopen_log(std::string id) override;
  awaitable<Result<std::vector<ContainerStats>>> container_stats() override;
  awaitable<Result<ExecResult>> exec_sync(std::string id, std::vector<std::string> command,
                                          std::chrono::seconds timeout) override;
  awaitable<Result<std::string>> exec_url(ExecRequest request) override;
  awaitable<Result<std::string>> attach_url(AttachRequest request) override;
  awaitable<Result<std::string>> port_forward_url(std::string sandbox_id,
                                                  std::vector<int32_t> ports) override;
  awaitable<Result<std::vector<Image>>> list_images() override;
  awaitable<Result<std::optional<Image>>> image_status(std::string image) override;
  awaitable<Result<std::string>> pull_image(std::string image, std::optional<ImageAuth> auth,
                                            SandboxConfig sandbox) override;
  awaitable<Status> remove_image(std::string image) override;
  awaitable<Result<std::vector<FilesystemUsage>>> image_filesystems() override;
  void watch_events(std::function<void(const ContainerEvent&)> on_event) override {
    on_event_ = std::move(on_event);
  }

 private:
  struct FakeContainer {
    std::string sandbox_id;
    ContainerConfig config;
    ContainerStatus status;
  };
  Status log(std::string call, const std::string& failure);
  void end(FakeContainer& container, int32_t exit_code);
  FakeContainer* find(const std::string& id);

  const Clock& clock_;
  std::vector<Sandbox> sandboxes_;
  std::vector<FakeContainer> containers_;
  std::function<void(const ContainerEvent&)> on_event_;
  int next_id_ = 1;
};

}  // namespace skiff::runtime
