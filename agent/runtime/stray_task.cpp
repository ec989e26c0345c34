// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/stray_task.h"

#include <csignal>

#include "agent/runtime/grpc_call.h"
#include "agent/runtime/types.h"
#include "proto/containerd_tasks.grpc.pb.h"

namespace skiff::runtime {

namespace tasks = containerd::services::tasks::v1;
using namespace std::chrono_literals;

namespace {

using Tasks = tasks::Tasks::StubInterface::async_interface;

constexpr auto kTimeout = 10s;
constexpr int kTries = 100;  // SIGKILL takes a moment
constexpr auto kPause = 50ms;

template <class Request, class Response>
using Method = void (Tasks::*)(grpc::ClientContext*, const Request*, Response*,
                               std::function<void(grpc::Status)>);

}  // namespace

bool was_cut_off(const ContainerStatus& status) {
  if (status.state == ContainerState::Created) return true;
  const auto says = [&](const char* words) {
    return status.message.find(words) != std::string::npos;
  };
  return status.state == ContainerState::Exited && status.started_at == TimePoint{} &&
         (says("context canceled") || (says("failed to start shim") && says("signal: killed")));
}

bool has_stray_task(const Status& removed) {
  return !removed.ok() && removed.message().find("cannot delete running task") != std::string::npos;
}

awaitable<Status> end_stray_task(std::shared_ptr<grpc::Channel> channel, std::string namespace_,
                                 std::string container_id) {
  const auto stub = tasks::Tasks::NewStub(channel);
  tasks::KillRequest kill;
  kill.set_container_id(container_id);
  kill.set_signal(SIGKILL);
  kill.set_all(true);
  // Its error says less than that of what follows: a task that has ended cannot be killed.
  (void)co_await grpc_call<Tasks, tasks::KillRequest, google::protobuf::Empty>(
      stub->async(), static_cast<Method<tasks::KillRequest, google::protobuf::Empty>>(&Tasks::Kill),
      kill, {.operation = "kill task", .timeout = kTimeout, .containerd_namespace = namespace_});
  tasks::DeleteTaskRequest remove;
  remove.set_container_id(container_id);
  Status deleted;
  for (int tried = 0; tried < kTries; ++tried) {
    deleted =
        (co_await grpc_call<Tasks, tasks::DeleteTaskRequest, tasks::DeleteResponse>(
             stub->async(),
             static_cast<Method<tasks::DeleteTaskRequest, tasks::DeleteResponse>>(&Tasks::Delete),
             remove,
             {.operation = "delete task", .timeout = kTimeout, .containerd_namespace = namespace_}))
            .status();
    if (!absl::IsFailedPrecondition(deleted)) break;
    co_await sleep_for(kPause);
  }
  co_return ignore_missing(deleted);
}

}  // namespace skiff::runtime
