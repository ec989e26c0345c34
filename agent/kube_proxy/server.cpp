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
  const auto begin = [this](const char* flag, const std::string& text,
                            std::unique_ptr<http::Server>* server) -> Status {
    if (text.empty()) return absl::OkStatus();
    const auto at = parse_bind_address(text);
    if (at.ok()) spawn(executor_, flag, listen(flag, *at, server));
    return annotate(at.status(), flag);
  };
  RETURN_IF_ERROR(begin("--healthz-bind-address", options_.health_address, &health_));
  return begin("--metrics-bind-address", options_.metrics_address, &metrics_);
}

awaitable<void> Server::listen(std::string flag, http::ServerOptions at,
                               std::unique_ptr<http::Server>* server) {
  for (bool told = false;; told = true) {
    auto listening = http::Server::listen(executor_, at, nullptr, *this);
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

awaitable<void> Server::serve(http::Request request, http::ResponseWriter& writer) {
  http::Response response = http::Response::text(404, "404 page not found\n");
  if (request.path == "/healthz")
    response = say(kHealthzTotal, healthz(options_.health(), clock_.now()));
  else if (request.path == "/livez")
    response = say(kLivezTotal, livez(options_.health(), clock_.now()));
  else if (request.path == "/metrics" && options_.metrics)
    response = http::Response::text(200, options_.metrics(), kPrometheus);
  else if (request.path == "/proxyMode")
    response = http::Response::text(200, "ebpf");
  (void)co_await writer.respond(std::move(response));
}

}  // namespace skiff::kube_proxy
