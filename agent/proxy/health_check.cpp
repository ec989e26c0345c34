// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/health_check.h"

namespace skiff::proxy {

struct HealthChecks::Check final : http::Handler, std::enable_shared_from_this<Check> {
  Check(kube::ObjectKey service_, const HealthChecks& parent_)
      : service(std::move(service_)), parent(parent_) {}

  awaitable<void> serve(http::Request, http::ResponseWriter& writer) override {
    const auto self = shared_from_this();  // the Service may lose its port meanwhile
    (void)co_await writer.respond(health_answer(service, local_endpoints, parent.proxy_healthy_()));
  }

  kube::ObjectKey service;
  const HealthChecks& parent;
  uint16_t port = 0;
  int local_endpoints = 0;
  std::unique_ptr<http::Server> server;
};

http::Response health_answer(const kube::ObjectKey& service, int local_endpoints,
                             bool proxy_healthy) {
  http::Response response = http::Response::text(
      local_endpoints > 0 && proxy_healthy ? 200 : 503,
      fmt::format("{{\n\t\"service\": {{\n\t\t\"namespace\": \"{}\",\n\t\t\"name\": \"{}\"\n\t}},\n"
                  "\t\"localEndpoints\": {},\n\t\"serviceProxyHealthy\": {}\n}}",
                  service.namespace_, service.name, local_endpoints, proxy_healthy),
      "application/json");
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("x-load-balancing-endpoint-weight", std::to_string(local_endpoints));
  return response;
}

HealthChecks::HealthChecks(const Executor& executor, std::string address,
                           std::function<bool()> proxy_healthy)
    : executor_(executor), address_(std::move(address)), proxy_healthy_(std::move(proxy_healthy)) {}

HealthChecks::~HealthChecks() = default;

Status HealthChecks::set(const kube::ObjectKey& service, uint16_t port, int local_endpoints) {
  const auto it = checks_.find(service);
  if (it != checks_.end() && it->second->port == port) {
    it->second->local_endpoints = local_endpoints;
    return absl::OkStatus();
  }
  if (it != checks_.end()) {
    it->second->server->stop();
    // Connections that are just being closed still know the handler.
    asio::post(executor_, [check = it->second] {});
    checks_.erase(it);
  }
  if (port == 0) return absl::OkStatus();
  auto check = std::make_shared<Check>(service, *this);
  check->port = port;
  check->local_endpoints = local_endpoints;
  ASSIGN_OR_RETURN(
      check->server,
      http::Server::listen(executor_, {.address = address_, .port = port}, nullptr, *check),
      "healthCheckNodePort {}", port);
  checks_[service] = std::move(check);
  return absl::OkStatus();
}

}  // namespace skiff::proxy
