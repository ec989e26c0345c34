// SPDX-License-Identifier: Apache-2.0
#include "agent/server/node_server.h"

#include <algorithm>
#include <charconv>

#include "agent/server/log_reader.h"
#include "agent/server/streaming.h"

namespace skiff::server {
namespace {

constexpr const char* kPodUid = "io.kubernetes.pod.uid";
constexpr const char* kContainerName = "io.kubernetes.container.name";

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (size_t at = 1; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    segments.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return segments;
}

std::string first_segment(std::string_view path) {
  const std::vector<std::string> segments = split(path);
  return segments.empty() ? "" : segments.front();
}

bool flag(const http::Query& query, std::string_view name) {
  const std::string_view text = query.get(name);
  return text == "true" || text == "1";
}

int http_status(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kInvalidArgument:
      return 400;
    case StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

awaitable<void> NodeServer::serve(http::Request request, http::ResponseWriter& writer) {
  const auto other = parts_.others.find(first_segment(request.path));
  if (other != parts_.others.end()) {
    co_await other->second->serve(std::move(request), writer);
    co_return;
  }
  const Status status = co_await route(std::move(request), writer);
  if (!status.ok())
    (void)co_await writer.respond(
        http::Response::text(http_status(status), fmt::format("{}\n", message(status))));
}

awaitable<Status> NodeServer::route(http::Request request, http::ResponseWriter& writer) {
  std::vector<std::string> segments = split(request.path);
  const std::string what = first_segment(request.path);
  if (what == "healthz" || what == "livez" || what == "readyz") {
    const std::string reason = parts_.not_ready_because ? parts_.not_ready_because() : "";
    co_return co_await writer.respond(reason.empty() ? http::Response::text(200, "ok")
                                                     : http::Response::text(503, reason + "\n"));
  }
  if (what == "metrics" && parts_.metrics)
    co_return co_await writer.respond(
        http::Response::text(200, parts_.metrics(), "text/plain; version=0.0.4"));
  if (what == "pods" && parts_.pods)
    co_return co_await writer.respond(http::Response::text(200, parts_.pods(), "application/json"));
  if (what == "services" && parts_.services) {
    CO_ASSIGN_OR_RETURN(std::string text, co_await parts_.services());
    co_return co_await writer.respond(
        http::Response::text(200, std::move(text), "application/json"));
  }
  if (parts_.runtime == nullptr)
    co_return not_found("this node runs no pods (role kubelet is off)");
  if (what == "containerLogs")
    co_return co_await logs(std::move(segments), std::move(request), writer);
  if (what == "exec") co_return co_await exec(std::move(segments), std::move(request), writer);
  if (what == "attach") co_return co_await attach(std::move(segments), std::move(request), writer);
  if (what == "portForward")
    co_return co_await port_forward(std::move(segments), std::move(request), writer);
  co_return not_found("404 page not found");
}

awaitable<Status> NodeServer::logs(std::vector<std::string> segments, http::Request request,
                                   http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(const PodName pod,
                      pod_of(segments, 4, "/containerLogs/NAMESPACE/POD/CONTAINER"));
  CO_ASSIGN_OR_RETURN(LogOptions options, parse_log_options(request.query, clock_.now()));
  const std::string name = segments.back();
  CO_ASSIGN_OR_RETURN(const auto containers, co_await containers_of(pod, name));
  const size_t index = options.previous ? 1 : 0;
  if (containers.size() <= index) {
    if (options.previous)
      co_return invalid_argument("previous terminated container \"{}\" in pod \"{}\" not found",
                                 name, pod.name);
    co_return invalid_argument(
        "container \"{}\" in pod \"{}\" is waiting to start: ContainerCreating", name, pod.name);
  }
  const std::string id = containers[index].id;
  CO_ASSIGN_OR_RETURN(const runtime::ContainerStatus status,
                      co_await parts_.runtime->container_status(id));
  runtime::Runtime* runtime = parts_.runtime;
  const auto running = [runtime, id]() -> awaitable<bool> {
    return [](runtime::Runtime* from, std::string container) -> awaitable<bool> {
      const auto now = co_await from->container_status(std::move(container));
      co_return now.ok() && now->state == runtime::ContainerState::Running;
    }(runtime, id);
  };
  co_return co_await send_log(status.log_path, std::move(options), running, writer);
}

awaitable<Status> NodeServer::exec(std::vector<std::string> segments, http::Request request,
                                   http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(const PodName pod,
                      pod_of(segments, 4, "/exec/NAMESPACE/POD/CONTAINER?command=…"));
  runtime::ExecRequest exec;
  for (const std::string_view word : request.query.all("command")) exec.command.emplace_back(word);
  if (exec.command.empty())
    co_return invalid_argument("you must specify at least 1 command for the container");
  exec.tty = flag(request.query, "tty");
  exec.in = flag(request.query, "stdin") || flag(request.query, "input");
  exec.out = flag(request.query, "stdout") || flag(request.query, "output");
  exec.err = (flag(request.query, "stderr") || flag(request.query, "error")) && !exec.tty;
  CO_ASSIGN_OR_RETURN(const auto container, co_await running_container(pod, segments.back()));
  exec.container_id = container.id;
  CO_ASSIGN_OR_RETURN(std::string url, co_await parts_.runtime->exec_url(std::move(exec)));
  co_return co_await tunnel_to(std::move(url), std::move(request), writer);
}

awaitable<Status> NodeServer::attach(std::vector<std::string> segments, http::Request request,
                                     http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(const PodName pod, pod_of(segments, 4, "/attach/NAMESPACE/POD/CONTAINER"));
  runtime::AttachRequest attach;
  attach.tty = flag(request.query, "tty");
  attach.in = flag(request.query, "stdin") || flag(request.query, "input");
  attach.out = flag(request.query, "stdout") || flag(request.query, "output");
  attach.err = (flag(request.query, "stderr") || flag(request.query, "error")) && !attach.tty;
  CO_ASSIGN_OR_RETURN(const auto container, co_await running_container(pod, segments.back()));
  attach.container_id = container.id;
  CO_ASSIGN_OR_RETURN(std::string url, co_await parts_.runtime->attach_url(std::move(attach)));
  co_return co_await tunnel_to(std::move(url), std::move(request), writer);
}

awaitable<Status> NodeServer::port_forward(std::vector<std::string> segments, http::Request request,
                                           http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(const PodName pod, pod_of(segments, 3, "/portForward/NAMESPACE/POD"));
  std::vector<int32_t> ports;
  for (const std::string_view text : request.query.all("port")) {
    int32_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    if (port <= 0 || port > 65535)
      co_return invalid_argument("port: \"{}\" is not a port number", text);
    ports.push_back(port);
  }
  CO_ASSIGN_OR_RETURN(const auto sandboxes,
                      co_await parts_.runtime->list_sandboxes({{kPodUid, pod.uid}}));
  for (const runtime::Sandbox& sandbox : sandboxes) {
    if (sandbox.state != runtime::SandboxState::Ready) continue;
    CO_ASSIGN_OR_RETURN(std::string url,
                        co_await parts_.runtime->port_forward_url(sandbox.id, std::move(ports)));
    co_return co_await tunnel_to(std::move(url), std::move(request), writer);
  }
  co_return not_found("pod \"{}\" does not run here", pod.name);
}

Result<NodeServer::PodName> NodeServer::pod_of(const std::vector<std::string>& segments,
                                               size_t least, const char* form) const {
  if (segments.size() != least && segments.size() != least + 1) return not_found("want {}", form);
  PodName pod{.ns = segments[1], .name = segments[2], .uid = {}};
  pod.uid = parts_.pod_uid(pod.ns, pod.name);
  const bool another = segments.size() > least && segments[3] != pod.uid;
  if (pod.uid.empty() || another)
    return not_found("pod \"{}\" not found in namespace \"{}\" on this node", pod.name, pod.ns);
  return pod;
}

awaitable<Result<std::vector<runtime::Container>>> NodeServer::containers_of(PodName pod,
                                                                             std::string name) {
  auto containers = co_await parts_.runtime->list_containers(
      {{kPodUid, std::move(pod.uid)}, {kContainerName, std::move(name)}});
  if (!containers.ok()) co_return containers.status();
  std::sort(containers->begin(), containers->end(),
            [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  co_return containers;
}

awaitable<Result<runtime::Container>> NodeServer::running_container(PodName pod, std::string name) {
  CO_ASSIGN_OR_RETURN(const auto containers, co_await containers_of(pod, name));
  for (const runtime::Container& container : containers)
    if (container.state == runtime::ContainerState::Running) co_return container;
  co_return not_found("container not found (\"{}\"): it does not run in pod {}/{}", name, pod.ns,
                      pod.name);
}

}  // namespace skiff::server
