// SPDX-License-Identifier: Apache-2.0
// pods/log, exec, attach, portforward: the API server finds the pod's node and, once that has
// agreed to the upgrade, passes bytes. The protocol inside (SPDY, or WebSocket where the runtime
// speaks the client's version) is between the client and the runtime (notes of kubelet's API).
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

#include "api/codec.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/subresources.h"

namespace skiff::apiserver {
namespace {

struct Target {
  NodeAddress node;
  std::string pod;  // NS/NAME
  std::string container;
  std::string waits_for;  // why the container has not started yet; empty: it has
};

// In the words of kubelet.
std::string waiting_reason(const api::Pod& pod, const std::string& container) {
  for (const auto* list : {&pod.status.initContainerStatuses, &pod.status.containerStatuses})
    for (const api::ContainerStatus& status : *list) {
      if (status.name != container || !status.state.waiting) continue;
      const std::string& reason = status.state.waiting->reason;
      if (reason == "ImagePullBackOff") return "trying and failing to pull image";
      return reason == "ErrImagePull" ? "image can't be pulled" : reason;
    }
  return "";
}

// The container asked for, or the only one.
Result<std::string> choose_container(const api::Pod& pod, std::string_view asked) {
  std::vector<std::string> names;
  for (const auto& container : pod.spec.containers) names.push_back(container.name);
  if (asked.empty()) {
    if (names.size() == 1) return names[0];
    std::vector<std::string> inits;
    for (const auto& container : pod.spec.initContainers) inits.push_back(container.name);
    std::string text =
        fmt::format("a container name must be specified for pod {}, choose one of: [{}]",
                    pod.metadata.name, fmt::join(names, " "));
    if (!inits.empty())
      text += fmt::format(" or one of the init containers: [{}]", fmt::join(inits, " "));
    return errors::bad_request(text);
  }
  for (const auto& container : pod.spec.initContainers) names.push_back(container.name);
  for (const auto& container : pod.spec.ephemeralContainers) names.push_back(container.name);
  if (std::find(names.begin(), names.end(), asked) == names.end())
    return errors::bad_request(
        fmt::format("container {} is not valid for pod {}", asked, pod.metadata.name));
  return std::string(asked);
}

Result<NodeAddress> node_address(Backend& backend, const std::string& name) {
  const auto record = backend.store.get(store::registry_key("nodes", "", name));
  if (!record.ok()) return errors::not_found({"", "nodes"}, name);
  ASSIGN_OR_RETURN(const api::Node node, api::decode_json<api::Node>(*(*record)->value),
                   "stored node");
  NodeAddress address{.name = name, .host = {}};
  if (const int32_t port = node.status.daemonEndpoints.kubeletEndpoint.Port; port > 0)
    address.port = static_cast<uint16_t>(port);
  for (const char* type : {"InternalIP", "ExternalIP", "Hostname"})
    for (const api::NodeAddress& one : node.status.addresses)
      if (one.type == type && address.host.empty()) address.host = one.address;
  if (address.host.empty())
    return errors::unavailable(fmt::format("node {} has no address yet", name));
  return address;
}

Result<Target> find_target(Backend& backend, const Call& call, bool needs_container) {
  if (backend.nodes == nullptr) return errors::unavailable("no credentials for nodes");
  const auto record = backend.store.get(call.key());
  if (!record.ok()) return errors::not_found(call.resource->qualified(), call.info.name);
  ASSIGN_OR_RETURN(const api::Pod pod, api::decode_json<api::Pod>(*(*record)->value), "stored pod");
  Target target{.pod = fmt::format("{}/{}", pod.metadata.namespace_, pod.metadata.name)};
  if (needs_container) {
    ASSIGN_OR_RETURN(target.container, choose_container(pod, call.query().get("container")));
    target.waits_for = waiting_reason(pod, target.container);
  }
  if (pod.spec.nodeName.empty())
    return errors::bad_request(
        fmt::format("pod {} does not have a host assigned", pod.metadata.name));
  ASSIGN_OR_RETURN(target.node, node_address(backend, pod.spec.nodeName));
  return target;
}

void set_target(http::Request& request, std::string path, const http::Query& query) {
  request.path = std::move(path);
  request.query = query;
  const std::string text = query.encode();
  request.raw_target = text.empty() ? request.path : request.path + "?" + text;
}

http::Request log_request(const Call& call, const Target& target) {
  http::Query query;
  for (const auto& [name, value] : call.query().fields())
    if (name != "container") query.add(name, value);
  http::Request request;
  set_target(request, fmt::format("/containerLogs/{}/{}", target.pod, target.container), query);
  return request;
}

// kubelet's names of what the client calls stdin, stdout, stderr, tty.
http::Query stream_query(const Call& call) {
  http::Query query;
  for (std::string_view command : call.query().all("command"))
    query.add("command", std::string(command));
  for (std::string_view port : call.query().all("ports")) query.add("port", std::string(port));
  constexpr std::pair<const char*, const char*> kFlags[] = {
      {"stdin", "input"}, {"stdout", "output"}, {"stderr", "error"}, {"tty", "tty"}};
  for (const auto& [ours, theirs] : kFlags)
    if (query_flag(call.query(), ours)) query.add(theirs, "1");
  return query;
}

http::Request stream_request(const Call& call, const Target& target) {
  http::Request request;
  request.method = call.request.method;
  const std::string& what = call.info.subresource;
  const std::string path = what == "portforward"
                               ? fmt::format("/portForward/{}", target.pod)
                               : fmt::format("/{}/{}/{}", what, target.pod, target.container);
  set_target(request, path, stream_query(call));
  for (const auto& [name, value] : call.request.headers.fields())
    if (name == "connection" || name == "upgrade" || name == "x-stream-protocol-version" ||
        name.starts_with("sec-websocket-"))
      request.headers.add(name, value);
  return request;
}

bool wants_websocket(const http::Headers& headers) {
  return headers.get("upgrade") == "websocket";
}

// Protocols that runtimes do not speak: the newest clients offer nothing else first and turn to
// SPDY when refused.
bool only_new_protocols(const http::Headers& headers) {
  bool any_old = false;
  for (std::string_view line : headers.all("sec-websocket-protocol"))
    for (const char* old :
         {"v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "base64.channel.k8s.io"})
      any_old = any_old || line.find(old) != std::string_view::npos;
  for (std::string_view line : headers.all("sec-websocket-protocol"))
    any_old = any_old || line.starts_with("channel.k8s.io") ||
              line.find(" channel.k8s.io") != std::string_view::npos;
  return !any_old;
}

awaitable<Result<std::string>> read_all(http::BodyReader& reader) {
  std::string text;
  while (true) {
    CO_ASSIGN_OR_RETURN(const std::string piece, co_await reader.read());
    if (piece.empty()) co_return text;
    text += piece;
  }
}

// What the node answered instead of a log, as a Status.
Status node_error(int code, std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (code == 404) return not_found("{}", text);
  if (code >= 400 && code < 500) return errors::bad_request(text);
  return errors::internal(text.empty() ? fmt::format("the node answered {}", code) : text);
}

}  // namespace

awaitable<Status> pod_log(Backend& backend, Call& call, http::ResponseWriter& writer) {
  using namespace asio::experimental::awaitable_operators;
  if (call.info.verb != "get") co_return errors::method_not_allowed("logs are read with GET");
  CO_ASSIGN_OR_RETURN(const Target target, find_target(backend, call, true));
  CO_ASSIGN_OR_RETURN(const auto reader,
                      co_await backend.nodes->stream(target.node, log_request(call, target)));
  if (reader->status() != 200) {
    CO_ASSIGN_OR_RETURN(std::string text, co_await read_all(*reader));
    if (reader->status() == 400 && !target.waits_for.empty() &&
        !query_flag(call.query(), "previous"))
      co_return errors::bad_request(
          fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}", target.container,
                      call.info.name, target.waits_for));
    co_return node_error(reader->status(), std::move(text));
  }
  http::Headers headers;
  headers.set("content-type", "text/plain");
  if (!(co_await writer.start(200, std::move(headers))).ok()) co_return absl::OkStatus();
  auto gone = std::make_shared<Event>(backend.executor);
  writer.on_cancel([gone] { gone->notify(); });
  while (!writer.cancelled()) {
    auto next = co_await (reader->read() || gone->wait());
    if (next.index() == 1) co_return absl::OkStatus();
    auto& piece = std::get<0>(next);
    if (!piece.ok() || piece->empty()) co_return absl::OkStatus();
    if (!(co_await writer.write(std::make_shared<const std::string>(std::move(*piece)))).ok())
      break;
  }
  co_return absl::OkStatus();
}

awaitable<Status> pod_stream(Backend& backend, Call& call, http::ResponseWriter& writer) {
  if (call.request.headers.get("upgrade").empty())
    co_return errors::bad_request("Upgrade request required");
  if (wants_websocket(call.request.headers) && only_new_protocols(call.request.headers))
    co_return errors::bad_request(
        "unable to upgrade: this WebSocket protocol is not spoken here, SPDY/3.1 is");
  CO_ASSIGN_OR_RETURN(const Target target,
                      find_target(backend, call, call.info.subresource != "portforward"));
  CO_ASSIGN_OR_RETURN(http::Upgrade node,
                      co_await backend.nodes->upgrade(target.node, stream_request(call, target)));
  if (node.stream == nullptr) {
    // What the client sent ahead in the other protocol is no request: its connection ends here.
    http::Response refusal =
        error_response(node_error(node.answer.status, node.answer.body_text()));
    refusal.headers.set("connection", "close");
    (void)co_await writer.respond(std::move(refusal));
    co_return absl::OkStatus();
  }
  CO_ASSIGN_OR_RETURN(const auto client, co_await writer.upgrade(std::move(node.answer.headers)),
                      "take over the connection");
  co_await http::splice(*client, *node.stream);
  co_return absl::OkStatus();
}

}  // namespace skiff::apiserver
