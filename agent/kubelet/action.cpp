// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/action.h"

#include <fmt/ranges.h>

#include <charconv>

#include "base/http/client.h"

namespace skiff::kubelet {
namespace {

constexpr size_t kMaxMessage = 1024;

ActionOutcome failure(std::string message) {
  if (message.size() > kMaxMessage) message.resize(kMaxMessage);
  return {false, std::move(message)};
}

ActionOutcome not_done(const Status& why) {
  ActionOutcome outcome = failure(std::string(message(why)));
  outcome.conclusive = false;
  return outcome;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

awaitable<ActionOutcome> run_exec(runtime::Runtime& runtime, const api::ExecAction& action,
                                  std::string container_id, std::chrono::seconds timeout) {
  auto result = co_await runtime.exec_sync(container_id, action.command, timeout);
  if (absl::IsDeadlineExceeded(result.status()))
    co_return failure(fmt::format("command timed out: \"{}\" timed out after {}s",
                                  fmt::join(action.command, " "), timeout.count()));
  if (!result.ok()) co_return not_done(result.status());
  if (result->exit_code == 0) co_return ActionOutcome{true, result->output};
  std::string text = result->output + result->error;
  if (text.empty()) text = fmt::format("command exited with {}", result->exit_code);
  co_return failure(std::move(text));
}

http::Request http_request(const api::HTTPGetAction& action, const std::string& host,
                           uint16_t port) {
  http::Request request;
  std::string path = action.path.starts_with('/') ? action.path : "/" + action.path;
  if (const size_t query = path.find('?'); query != std::string::npos) {
    request.query = http::Query::parse(std::string_view(path).substr(query + 1));
    path.resize(query);
  }
  request.path = http::percent_decode(path);
  request.headers.set("host", fmt::format("{}:{}", bracketed(host), port));
  request.headers.set("user-agent", "kube-probe/1.34");
  request.headers.set("accept", "*/*");
  request.headers.set("connection", "close");
  for (const auto& header : action.httpHeaders) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    request.headers.set(std::move(name), header.value);
  }
  return request;
}

awaitable<ActionOutcome> run_http(const api::HTTPGetAction& action, const ActionTarget& target,
                                  std::chrono::seconds timeout) {
  const auto port = resolve_port(action.port, target.container);
  if (!port.ok()) co_return not_done(port.status());
  const std::string host = action.host.empty() ? target.pod_ip : action.host;
  const bool secure = action.scheme == "HTTPS";
  http::ClientOptions options;
  options.host = host;
  options.port = *port;
  options.connect_timeout = timeout;
  options.request_timeout = timeout;
  if (secure) {
    auto tls = http::ClientTls::make({.insecure_skip_verify = true});
    if (!tls.ok()) co_return failure(std::string(message(tls.status())));
    options.tls = *tls;
  }
  auto client = http::Client::make(co_await asio::this_coro::executor, std::move(options));
  auto answer = co_await client->fetch(http_request(action, host, *port));
  if (!answer.ok())
    co_return failure(fmt::format("Get \"{}://{}:{}{}\": {}", secure ? "https" : "http",
                                  bracketed(host), *port, action.path, message(answer.status())));
  if (answer->status >= 200 && answer->status < 400) co_return ActionOutcome{true, ""};
  co_return failure(fmt::format("HTTP probe failed with statuscode: {}", answer->status));
}

awaitable<ActionOutcome> run_tcp(const api::TCPSocketAction& action, const ActionTarget& target,
                                 std::chrono::seconds timeout) {
  const auto port = resolve_port(action.port, target.container);
  if (!port.ok()) co_return not_done(port.status());
  const std::string host = action.host.empty() ? target.pod_ip : action.host;
  auto stream = co_await http::connect(host, *port, nullptr, timeout);
  if (!stream.ok())
    co_return failure(
        fmt::format("dial tcp {}:{}: {}", bracketed(host), *port, message(stream.status())));
  (*stream)->close();
  co_return ActionOutcome{true, ""};
}

}  // namespace

Result<uint16_t> resolve_port(const api::IntOrString& port, const api::Container& container) {
  int32_t number = port.number;
  if (port.is_string()) {
    number = 0;
    for (const auto& named : container.ports)
      if (named.name == port.text) number = named.containerPort;
    if (number == 0) std::from_chars(port.text.data(), port.text.data() + port.text.size(), number);
  }
  if (number < 1 || number > 65535)
    return invalid_argument("invalid port {} of container {}", port.to_string(), container.name);
  return static_cast<uint16_t>(number);
}

awaitable<ActionOutcome> run_probe(runtime::Runtime& runtime, const api::Probe& probe,
                                   ActionTarget target, std::chrono::seconds timeout) {
  if (probe.exec) co_return co_await run_exec(runtime, *probe.exec, target.container_id, timeout);
  if (probe.httpGet) co_return co_await run_http(*probe.httpGet, target, timeout);
  if (probe.tcpSocket) co_return co_await run_tcp(*probe.tcpSocket, target, timeout);
  co_return failure("this node does not know probes of this kind");
}

awaitable<ActionOutcome> run_hook(runtime::Runtime& runtime, const api::LifecycleHandler& hook,
                                  ActionTarget target, std::chrono::seconds timeout) {
  if (hook.exec) co_return co_await run_exec(runtime, *hook.exec, target.container_id, timeout);
  if (hook.httpGet) co_return co_await run_http(*hook.httpGet, target, timeout);
  if (hook.sleep) {
    co_await sleep_for(std::min(std::chrono::seconds(hook.sleep->seconds), timeout));
    co_return ActionOutcome{true, ""};
  }
  if (hook.tcpSocket) co_return co_await run_tcp(*hook.tcpSocket, target, timeout);
  co_return ActionOutcome{true, ""};
}

}  // namespace skiff::kubelet
