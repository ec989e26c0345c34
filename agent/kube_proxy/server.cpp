// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/server.h"

#include <spdlog/spdlog.h>

#include <charconv>

#include "base/ip.h"

namespace skiff::kube_proxy {
namespace {

using namespace std::chrono_literals;

constexpr auto kTryAgain = 3s;
constexpr const char* kHealthzTotal = "kubeproxy_proxy_healthz_total";
constexpr const char* kLivezTotal = "kubeproxy_proxy_livez_total";
constexpr const char* kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

Result<http::ServerOptions> parse_bind_address(const std::string& text) {
  http::ServerOptions options;
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return invalid_argument("\"{}\": want ADDRESS:PORT", text);
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), options.port);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid_argument("\"{}\": \"{}\" is not a port", text, text.substr(colon + 1));
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (address.empty() || address == "0.0.0.0") address = "::";  // both families, as Go listens
  RETURN_IF_ERROR(IpAddress::parse(address));
  options.address = address;
  return options;
}

Status Server::start() {
  const auto begin = [this](const char* flag, const std::string& text, http::Handler& handler,
                            std::unique_ptr<http::Server>* server) -> Status {
    if (text.empty()) return absl::OkStatus();
    const auto at = parse_bind_address(text);
    if (at.ok()) spawn(executor_, flag, listen(flag, *at, handler, server));
    return annotate(at.status(), flag);
  };
  RETURN_IF_ERROR(begin("--healthz-bind-address", options_.health_address, health_port_, &health_));
  return begin("--metrics-bind-address", options_.metrics_address, metrics_port_, &metrics_);
}

awaitable<void> Server::listen(std::string flag, http::ServerOptions at, http::Handler& handler,
                               std::unique_ptr<http::Server>* server) {
  for (bool told = false;; told = true) {
    auto listening = http::Server::listen(executor_, at, nullptr, handler);
    if (listening.ok()) {
      *server = *std::move(listening);
      co_return;
    }
    if (!told)
      spdlog::warn("{}: {}; is a kube-proxy still running? Retrying", flag,
                   message(listening.status()));
    co_await sleep_for(kTryAgain);
  }
}

http::Response Server::say(const char* counter, const HealthAnswer& answer) {
  if (options_.registry != nullptr)
    metrics::counter(*options_.registry, counter, "What this path answered, by HTTP status.",
                     {{"code", std::to_string(answer.status)}})
        .Increment();
  return http::Response::text(answer.status, answer.body, "application/json");
}

std::optional<http::Response> Server::answer_health(const std::string& path) {
  if (path == "/healthz") return say(kHealthzTotal, healthz(options_.health(), clock_.now()));
  if (path == "/livez") return say(kLivezTotal, livez(options_.health(), clock_.now()));
  return std::nullopt;
}

std::optional<http::Response> Server::answer_metrics(const std::string& path) {
  if (path == "/healthz") return answer_health(path);
  if (path == "/proxyMode") return http::Response::text(200, "ebpf");
  if (path == "/metrics" && options_.metrics)
    return http::Response::text(200, options_.metrics(), kPrometheus);
  return std::nullopt;
}

awaitable<void> Server::Port::serve(http::Request request, http::ResponseWriter& writer) {
  auto answer = (server_.*answer_)(request.path);
  (void)co_await writer.respond(answer ? *std::move(answer)
                                       : http::Response::text(404, "404 page not found\n"));
}

}  // namespace skiff::kube_proxy
