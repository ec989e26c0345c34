// SPDX-License-Identifier: Apache-2.0
// kube-proxy's two addresses: health (10256: /healthz, /livez) and metrics (10249: /metrics,
// /healthz, /proxyMode), each with its own paths and no other. Plain HTTP, as there. Belongs to the
// loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/kube_proxy/health.h"
#include "base/async.h"
#include "base/http/server.h"
#include "base/metrics.h"

namespace skiff::kube_proxy {

struct ServerOptions {
  std::string health_address = "0.0.0.0:10256";     // empty: not served
  std::string metrics_address = "127.0.0.1:10249";  // empty: not served
  std::function<Health()> health;
  std::function<std::string()> metrics;   // in Prometheus' text format
  metrics::Registry* registry = nullptr;  // counts what /healthz and /livez answered; may be null
};

class Server {
 public:
  Server(const Executor& executor, ServerOptions options, const Clock& clock)
      : executor_(executor), options_(std::move(options)), clock_(clock) {}

  // Listens; where somebody else does, tries again every few seconds: as long as a kube-proxy runs
  // it has these ports. INVALID_ARGUMENT if an address cannot be read.
  Status start();
  // Nobody else serves this node's health.
  bool has_health_port() const { return options_.health_address.empty() || health_ != nullptr; }

  // What answers at each address.
  http::Handler& health() { return health_port_; }
  http::Handler& metrics() { return metrics_port_; }

 private:
  // One of the two addresses.
  class Port final : public http::Handler {
   public:
    using Answer = std::optional<http::Response> (Server::*)(const std::string& path);
    Port(Server& server, Answer answer) : server_(server), answer_(answer) {}
    awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

   private:
    Server& server_;
    Answer answer_;
  };

  // Nothing: the path is not served there.
  std::optional<http::Response> answer_health(const std::string& path);
  std::optional<http::Response> answer_metrics(const std::string& path);
  http::Response say(const char* counter, const HealthAnswer& answer);
  awaitable<void> listen(std::string flag, http::ServerOptions at, http::Handler& handler,
                         std::unique_ptr<http::Server>* server);

  Executor executor_;
  ServerOptions options_;
  const Clock& clock_;
  Port health_port_{*this, &Server::answer_health};
  Port metrics_port_{*this, &Server::answer_metrics};
  std::unique_ptr<http::Server> health_;
  std::unique_ptr<http::Server> metrics_;
};

// `ADDRESS:PORT`, `[ADDRESS]:PORT` or `:PORT`.
Result<http::ServerOptions> parse_bind_address(const std::string& text);

}  // namespace skiff::kube_proxy
