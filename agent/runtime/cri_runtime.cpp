// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/cri_runtime.h"

#include "agent/runtime/convert.h"
#include "agent/runtime/event_stream.h"
#include "agent/runtime/grpc_call.h"
#include "agent/runtime/stray_task.h"
#include "proto/cri.grpc.pb.h"

namespace skiff::runtime {
namespace {

using std::chrono::milliseconds;
using Pods = cri::RuntimeService::StubInterface::async_interface;
using Images = cri::ImageService::StubInterface::async_interface;

// The generated methods are overloaded (callback or reactor): this picks the callback one.
template <class Async, class Request, class Response>
using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                               std::function<void(grpc::Status)>);

// What a call is called: in errors, and as Kubernetes' kubelet counts it.
struct Call {
  std::string_view noun;
  const char* metric;
  std::string about = {};
};

// Under the kubelet's names and bounds.
void count_call(metrics::Registry& registry, const char* operation, double seconds, bool ok) {
  static const metrics::Buckets buckets = metrics::exponential_buckets(0.005, 2.5, 14);
  const metrics::Labels labels = {{"operation_type", operation}};
  metrics::counter(registry, "kubelet_runtime_operations_total", "Calls of the container runtime.",
                   labels)
      .Increment();
  if (!ok)
    metrics::counter(registry, "kubelet_runtime_operations_errors_total",
                     "Calls of the container runtime that failed.", labels)
        .Increment();
  metrics::histogram(registry, "kubelet_runtime_operations_duration_seconds",
                     "How long calls of the container runtime took.", buckets, labels)
      .Observe(seconds);
}

class CriRuntime final : public Runtime {
 public:
  CriRuntime(const Executor& executor, CriOptions options)
      : executor_(executor), options_(std::move(options)) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(16 * 1024 * 1024);  // the limit of kubelet and containerd
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    channel_ = grpc::CreateCustomChannel("unix:" + options_.socket,
                                         grpc::InsecureChannelCredentials(), arguments);
    pods_ = cri::RuntimeService::NewStub(channel_);
    images_ = cri::ImageService::NewStub(channel_);
  }

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
    events_.emplace(executor_, channel_, options_.containerd_namespace, std::move(on_event));
  }

 private:
  template <class Request, class Response>
  awaitable<Result<Response>> pods(Method<Pods, Request, Response> method, Request request,
                                   milliseconds timeout, Call call) {
    return timed<Pods, Request, Response>(pods_->async(), method, std::move(request), timeout,
                                          std::move(call));
  }
  template <class Request, class Response>
  awaitable<Result<Response>> images(Method<Images, Request, Response> method, Request request,
                                     milliseconds timeout, Call call) {
    return timed<Images, Request, Response>(images_->async(), method, std::move(request), timeout,
                                            std::move(call));
  }

  template <class Async, class Request, class Response>
  awaitable<Result<Response>> timed(Async* stub, Method<Async, Request, Response> method,
                                    Request request, milliseconds timeout, Call call) {
    const auto begin = std::chrono::steady_clock::now();
    auto answer = co_await grpc_call<Async, Request, Response>(
        stub, method, std::move(request),
        {.operation = call.about.empty() ? std::string(call.noun)
                                         : fmt::format("{} {}", call.noun, call.about),
         .timeout = timeout});
    if (options_.metrics)
      count_call(*options_.metrics, call.metric,
                 metrics::seconds(std::chrono::steady_clock::now() - begin), answer.ok());
    co_return answer;
  }

  Executor executor_;
  CriOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<cri::RuntimeService::StubInterface> pods_;
  std::unique_ptr<cri::ImageService::StubInterface> images_;
  std::optional<EventStream> events_;
};

awaitable<Result<Version>> CriRuntime::version() {
  CO_ASSIGN_OR_RETURN(auto answer, (co_await pods<cri::VersionRequest, cri::VersionResponse>(
                                       &Pods::Version, {}, options_.list_timeout,
                                       Call{"runtime version", "version"})));
  co_return Version{answer.runtime_name(), answer.runtime_version(), answer.runtime_api_version()};
}

awaitable<Result<std::vector<Condition>>> CriRuntime::status() {
  CO_ASSIGN_OR_RETURN(auto answer, (co_await pods<cri::StatusRequest, cri::StatusResponse>(
                                       &Pods::Status, {}, options_.list_timeout,
                                       Call{"runtime status", "status"})));
  std::vector<Condition> conditions;
  for (const auto& c : answer.status().conditions())
    conditions.push_back({c.type(), c.status(), c.reason(), c.message()});
  co_return conditions;
}

awaitable<Status> CriRuntime::update_pod_cidr(std::string cidr) {
  cri::UpdateRuntimeConfigRequest request;
  request.mutable_runtime_config()->mutable_network_config()->set_pod_cidr(std::move(cidr));
  co_return (co_await pods<cri::UpdateRuntimeConfigRequest, cri::UpdateRuntimeConfigResponse>(
                 &Pods::UpdateRuntimeConfig, std::move(request), options_.timeout,
                 Call{"update runtime config", "update_runtime_config"}))
      .status();
}

awaitable<Result<std::string>> CriRuntime::run_sandbox(SandboxConfig config) {
  cri::RunPodSandboxRequest request;
  *request.mutable_config() = to_cri(config);
  request.set_runtime_handler(config.runtime_handler);
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::RunPodSandboxRequest, cri::RunPodSandboxResponse>(
                          &Pods::RunPodSandbox, std::move(request), options_.timeout,
                          Call{"run sandbox", "run_podsandbox"})));
  co_return answer.pod_sandbox_id();
}

awaitable<Status> CriRuntime::stop_sandbox(std::string id) {
  cri::StopPodSandboxRequest request;
  request.set_pod_sandbox_id(std::move(id));
  co_return ignore_missing((co_await pods<cri::StopPodSandboxRequest, cri::StopPodSandboxResponse>(
                                &Pods::StopPodSandbox, std::move(request), options_.timeout,
                                Call{"stop sandbox", "stop_podsandbox"}))
                               .status());
}

awaitable<Status> CriRuntime::remove_sandbox(std::string id) {
  cri::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(std::move(id));
  co_return ignore_missing(
      (co_await pods<cri::RemovePodSandboxRequest, cri::RemovePodSandboxResponse>(
           &Pods::RemovePodSandbox, std::move(request), options_.timeout,
           Call{"remove sandbox", "remove_podsandbox"}))
          .status());
}

awaitable<Result<Sandbox>> CriRuntime::sandbox_status(std::string id) {
  cri::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(std::move(id));
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::PodSandboxStatusRequest, cri::PodSandboxStatusResponse>(
                          &Pods::PodSandboxStatus, std::move(request), options_.list_timeout,
                          Call{"sandbox status", "podsandbox_status"})));
  co_return from_cri(answer.status());
}

awaitable<Result<std::vector<Sandbox>>> CriRuntime::list_sandboxes(StringMap labels) {
  cri::ListPodSandboxRequest request;
  request.mutable_filter()->mutable_label_selector()->insert(labels.begin(), labels.end());
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::ListPodSandboxRequest, cri::ListPodSandboxResponse>(
                          &Pods::ListPodSandbox, std::move(request), options_.list_timeout,
                          Call{"list sandboxes", "list_podsandbox"})));
  std::vector<Sandbox> sandboxes;
  for (const auto& item : answer.items()) sandboxes.push_back(from_cri(item));
  co_return sandboxes;
}

awaitable<Result<std::string>> CriRuntime::create_container(std::string sandbox_id,
                                                            ContainerConfig config,
                                                            SandboxConfig sandbox) {
  cri::CreateContainerRequest request;
  request.set_pod_sandbox_id(std::move(sandbox_id));
  *request.mutable_config() = to_cri(config);
  *request.mutable_sandbox_config() = to_cri(sandbox);
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::CreateContainerRequest, cri::CreateContainerResponse>(
                          &Pods::CreateContainer, std::move(request), options_.timeout,
                          Call{"create container", "create_container", config.name})));
  co_return answer.container_id();
}

awaitable<Status> CriRuntime::start_container(std::string id) {
  cri::StartContainerRequest request;
  request.set_container_id(std::move(id));
  co_return (co_await pods<cri::StartContainerRequest, cri::StartContainerResponse>(
                 &Pods::StartContainer, std::move(request), options_.timeout,
                 Call{"start container", "start_container"}))
      .status();
}

awaitable<Status> CriRuntime::stop_container(std::string id, std::chrono::seconds grace) {
  cri::StopContainerRequest request;
  request.set_container_id(std::move(id));
  request.set_timeout(grace.count());
  co_return ignore_missing((co_await pods<cri::StopContainerRequest, cri::StopContainerResponse>(
                                &Pods::StopContainer, std::move(request), options_.timeout + grace,
                                Call{"stop container", "stop_container"}))
                               .status());
}

awaitable<Status> CriRuntime::remove_container(std::string id) {
  cri::RemoveContainerRequest request;
  request.set_container_id(id);
  const auto remove = [this, request] {
    return pods<cri::RemoveContainerRequest, cri::RemoveContainerResponse>(
        &Pods::RemoveContainer, request, options_.timeout,
        Call{"remove container", "remove_container"});
  };
  const Status removed = (co_await remove()).status();
  if (!has_stray_task(removed)) co_return ignore_missing(removed);
  CO_RETURN_IF_ERROR(co_await end_stray_task(channel_, options_.containerd_namespace, id),
                     "remove container");
  co_return ignore_missing((co_await remove()).status());
}

awaitable<Result<std::vector<Container>>> CriRuntime::list_containers(StringMap labels) {
  cri::ListContainersRequest request;
  request.mutable_filter()->mutable_label_selector()->insert(labels.begin(), labels.end());
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::ListContainersRequest, cri::ListContainersResponse>(
                          &Pods::ListContainers, std::move(request), options_.list_timeout,
                          Call{"list containers", "list_containers"})));
  std::vector<Container> containers;
  for (const auto& item : answer.containers()) containers.push_back(from_cri(item));
  co_return containers;
}

awaitable<Result<ContainerStatus>> CriRuntime::container_status(std::string id) {
  cri::ContainerStatusRequest request;
  request.set_container_id(std::move(id));
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::ContainerStatusRequest, cri::ContainerStatusResponse>(
                          &Pods::ContainerStatus, std::move(request), options_.list_timeout,
                          Call{"container status", "container_status"})));
  co_return from_cri(answer.status());
}

awaitable<Status> CriRuntime::update_resources(std::string id, LinuxResources resources) {
  cri::UpdateContainerResourcesRequest request;
  request.set_container_id(std::move(id));
  *request.mutable_linux() = to_cri(resources);
  co_return (
      co_await pods<cri::UpdateContainerResourcesRequest, cri::UpdateContainerResourcesResponse>(
          &Pods::UpdateContainerResources, std::move(request), options_.timeout,
          Call{"update container resources", "update_container"}))
      .status();
}

awaitable<Status> CriRuntime::reopen_log(std::string id) {
  cri::ReopenContainerLogRequest request;
  request.set_container_id(std::move(id));
  co_return (co_await pods<cri::ReopenContainerLogRequest, cri::ReopenContainerLogResponse>(
                 &Pods::ReopenContainerLog, std::move(request), options_.timeout,
                 Call{"reopen log", "reopen_container_log"}))
      .status();
}

awaitable<Result<std::vector<ContainerStats>>> CriRuntime::container_stats() {
  CO_ASSIGN_OR_RETURN(
      auto answer, (co_await pods<cri::ListContainerStatsRequest, cri::ListContainerStatsResponse>(
                       &Pods::ListContainerStats, {}, options_.list_timeout,
                       Call{"container stats", "list_container_stats"})));
  std::vector<ContainerStats> stats;
  for (const auto& item : answer.stats()) stats.push_back(from_cri(item));
  co_return stats;
}

awaitable<Result<ExecResult>> CriRuntime::exec_sync(std::string id,
                                                    std::vector<std::string> command,
                                                    std::chrono::seconds timeout) {
  cri::ExecSyncRequest request;
  request.set_container_id(std::move(id));
  request.mutable_cmd()->Add(command.begin(), command.end());
  request.set_timeout(timeout.count());
  // The runtime keeps the time; ours is behind it, should it not.
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::ExecSyncRequest, cri::ExecSyncResponse>(
                          &Pods::ExecSync, std::move(request), timeout + options_.list_timeout,
                          Call{"exec", "exec_sync"})));
  co_return ExecResult{answer.stdout(), answer.stderr(), answer.exit_code()};
}

awaitable<Result<std::string>> CriRuntime::exec_url(ExecRequest exec) {
  cri::ExecRequest request;
  request.set_container_id(std::move(exec.container_id));
  request.mutable_cmd()->Add(exec.command.begin(), exec.command.end());
  request.set_tty(exec.tty);
  request.set_stdin(exec.in);
  request.set_stdout(exec.out);
  request.set_stderr(exec.err && !exec.tty);  // a terminal has one output
  CO_ASSIGN_OR_RETURN(
      auto answer, (co_await pods<cri::ExecRequest, cri::ExecResponse>(
                       &Pods::Exec, std::move(request), options_.timeout, Call{"exec", "exec"})));
  co_return answer.url();
}

awaitable<Result<std::string>> CriRuntime::attach_url(AttachRequest attach) {
  cri::AttachRequest request;
  request.set_container_id(std::move(attach.container_id));
  request.set_tty(attach.tty);
  request.set_stdin(attach.in);
  request.set_stdout(attach.out);
  request.set_stderr(attach.err && !attach.tty);
  CO_ASSIGN_OR_RETURN(auto answer, (co_await pods<cri::AttachRequest, cri::AttachResponse>(
                                       &Pods::Attach, std::move(request), options_.timeout,
                                       Call{"attach", "attach"})));
  co_return answer.url();
}

awaitable<Result<std::string>> CriRuntime::port_forward_url(std::string sandbox_id,
                                                            std::vector<int32_t> ports) {
  cri::PortForwardRequest request;
  request.set_pod_sandbox_id(std::move(sandbox_id));
  request.mutable_port()->Add(ports.begin(), ports.end());
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await pods<cri::PortForwardRequest, cri::PortForwardResponse>(
                          &Pods::PortForward, std::move(request), options_.timeout,
                          Call{"port-forward", "port_forward"})));
  co_return answer.url();
}

awaitable<Result<std::vector<Image>>> CriRuntime::list_images() {
  CO_ASSIGN_OR_RETURN(
      auto answer,
      (co_await images<cri::ListImagesRequest, cri::ListImagesResponse>(
          &Images::ListImages, {}, options_.list_timeout, Call{"list images", "list_images"})));
  std::vector<Image> list;
  for (const auto& item : answer.images()) list.push_back(from_cri(item));
  co_return list;
}

awaitable<Result<std::optional<Image>>> CriRuntime::image_status(std::string image) {
  cri::ImageStatusRequest request;
  request.mutable_image()->set_image(image);
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await images<cri::ImageStatusRequest, cri::ImageStatusResponse>(
                          &Images::ImageStatus, std::move(request), options_.list_timeout,
                          Call{"image status", "image_status", image})));
  if (!answer.has_image() || answer.image().id().empty()) co_return std::nullopt;
  co_return from_cri(answer.image());
}

awaitable<Result<std::string>> CriRuntime::pull_image(std::string image,
                                                      std::optional<ImageAuth> auth,
                                                      SandboxConfig sandbox) {
  cri::PullImageRequest request;
  request.mutable_image()->set_image(std::move(image));
  if (auth) *request.mutable_auth() = to_cri(*auth);
  *request.mutable_sandbox_config() = to_cri(sandbox);
  CO_ASSIGN_OR_RETURN(auto answer, (co_await images<cri::PullImageRequest, cri::PullImageResponse>(
                                       &Images::PullImage, std::move(request),
                                       options_.pull_timeout, Call{"pull image", "pull_image"})));
  co_return answer.image_ref();
}

awaitable<Status> CriRuntime::remove_image(std::string image) {
  cri::RemoveImageRequest request;
  request.mutable_image()->set_image(std::move(image));
  co_return ignore_missing((co_await images<cri::RemoveImageRequest, cri::RemoveImageResponse>(
                                &Images::RemoveImage, std::move(request), options_.timeout,
                                Call{"remove image", "remove_image"}))
                               .status());
}

awaitable<Result<std::vector<FilesystemUsage>>> CriRuntime::image_filesystems() {
  CO_ASSIGN_OR_RETURN(auto answer,
                      (co_await images<cri::ImageFsInfoRequest, cri::ImageFsInfoResponse>(
                          &Images::ImageFsInfo, {}, options_.list_timeout,
                          Call{"image filesystems", "image_fs_info"})));
  std::vector<FilesystemUsage> list;
  for (const auto& item : answer.image_filesystems())
    list.push_back(
        {item.fs_id().mountpoint(), item.used_bytes().value(), item.inodes_used().value()});
  co_return list;
}

}  // namespace

std::unique_ptr<Runtime> make_cri_runtime(const Executor& executor, CriOptions options) {
  return std::make_unique<CriRuntime>(executor, std::move(options));
}

}  // namespace skiff::runtime
