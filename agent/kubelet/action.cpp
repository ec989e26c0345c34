// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/action.h"

#include <fmt/ranges.h>

#include <charconv>

#include "agent/kubelet/http_get.h"
#include "agent/runtime/grpc_health.h"
#include "base/http/client.h"
#include "base/http/url.h"

namespace skiff::kubelet {
namespace {

awaitable<ActionOutcome> run_exec(runtime::Runtime& runtime, const api::ExecAction& action,
                                  std::string container_id, std::chrono::seconds timeout) {
  auto result = co_await runtime.exec_sync(container_id, action.command, timeout);
  if (absl::IsDeadlineExceeded(result.status()))
    co_return ActionOutcome::failed(fmt::format("command timed out: \"{}\" timed out after {}s",
                                                fmt::join(action.command, " "), timeout.count()));
  if (!result.ok()) co_return ActionOutcome::not_done(result.status());
  if (result->exit_code == 0) co_return ActionOutcome::done();
  std::string text = result->output + result->error;
  if (text.empty()) text = fmt::format("command exited with {}", result->exit_code);
  co_return ActionOutcome::failed(std::move(text));
}

awaitable<ActionOutcome> run_tcp(const api::TCPSocketAction& action, const ActionTarget& target,
                                 std::chrono::seconds timeout) {
  const auto port = resolve_port(action.port, target.container);
  if (!port.ok()) co_return ActionOutcome::not_done(port.status());
  const std::string host = action.host.empty() ? target.pod_ip : action.host;
  auto stream = co_await http::connect(host, *port, nullptr, timeout);
  if (!stream.ok())
    co_return ActionOutcome::failed(fmt::format("dial tcp {}: {}",
                                                http::Url{.host = host, .port = *port}.authority(),
                                                message(stream.status())));
  (*stream)->close();
  co_return ActionOutcome::done();
}

awaitable<ActionOutcome> run_grpc(const api::GRPCAction& action, std::string ip,
                                  std::chrono::seconds timeout) {
  const Status healthy =
      co_await runtime::check_grpc_health({.ip = std::move(ip),
                                           .port = static_cast<uint16_t>(action.port),
                                           .service = action.service.value_or(""),
                                           .timeout = timeout});
  co_return healthy.ok() ? ActionOutcome::done()
                         : ActionOutcome::failed(std::string(message(healthy)));
}

}  // namespace

ActionOutcome ActionOutcome::failed(std::string why) {
  constexpr size_t kMost = 1024;
  if (why.size() > kMost) why.resize(kMost);
  return {.success = false, .message = std::move(why)};
}

ActionOutcome ActionOutcome::not_done(const Status& why) {
  ActionOutcome outcome = failed(std::string(skiff::message(why)));
  outcome.conclusive = false;
  return outcome;
}

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
  if (probe.httpGet) co_return co_await http_get(*probe.httpGet, target, timeout);
  if (probe.tcpSocket) co_return co_await run_tcp(*probe.tcpSocket, target, timeout);
  if (probe.grpc) co_return co_await run_grpc(*probe.grpc, target.pod_ip, timeout);
  co_return ActionOutcome::not_done(unimplemented("the probe names no action this node knows"));
}

awaitable<ActionOutcome> run_hook(runtime::Runtime& runtime, const api::LifecycleHandler& hook,
                                  ActionTarget target, std::chrono::seconds timeout) {
  if (hook.exec) co_return co_await run_exec(runtime, *hook.exec, target.container_id, timeout);
  if (hook.httpGet) co_return co_await http_get(*hook.httpGet, target, timeout);
  if (hook.sleep) {
    co_await sleep_for(std::min(std::chrono::seconds(hook.sleep->seconds), timeout));
    co_return ActionOutcome::done();
  }
  if (hook.tcpSocket) co_return co_await run_tcp(*hook.tcpSocket, target, timeout);
  co_return ActionOutcome::done();
}

}  // namespace skiff::kubelet
