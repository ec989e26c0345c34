// SPDX-License-Identifier: Apache-2.0
#include "base/http/server.h"

#include "base/http/deadline.h"
#include "base/http/server_state.h"
#include "base/http/socket_options.h"

namespace skiff::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

Wire::SslPtr accept_side(const ServerState& server) {
  if (server.tls == nullptr) return nullptr;
  Wire::SslPtr ssl(SSL_new(server.tls->context()));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

awaitable<void> serve_connection(std::shared_ptr<ServerState> server, tcp::socket socket) {
  watch_liveness(socket);
  auto wire = std::make_shared<Wire>(Wire::Socket(std::move(socket)), accept_side(*server));
  auto registration = std::make_shared<Registration>(server, [wire] { wire->close(); });
  {
    Deadline deadline(server->executor, wire);
    deadline.arm(server->options.header_timeout);
    const Status greeted = co_await wire->handshake();
    if (!greeted.ok()) {
      wire->close();
      co_return;
    }
  }
  const bool h2 = wire->protocol() == "h2";
  Peer peer = wire->peer();
  Accepted accepted{server, std::move(wire), std::move(registration), std::move(peer)};
  co_await (h2 ? serve_h2(std::move(accepted)) : serve_h1(std::move(accepted)));
}

class AsioServer final : public Server {
 public:
  AsioServer(std::shared_ptr<ServerState> state, tcp::acceptor acceptor)
      : state_(std::move(state)),
        acceptor_(std::make_shared<tcp::acceptor>(std::move(acceptor))),
        port_(acceptor_->local_endpoint().port()) {
    spawn(state_->executor, "http accept", accept_loop(state_, acceptor_));
  }
  ~AsioServer() override { stop(); }

  uint16_t port() const override { return port_; }

  void stop() override {
    if (std::exchange(state_->stopping, true)) return;
    error_code ignored;
    acceptor_->close(ignored);
    const auto closers = state_->closers;  // a closed connection may take itself off the list
    for (const auto& [id, close] : closers) close();
  }

 private:
  static awaitable<void> accept_loop(std::shared_ptr<ServerState> state,
                                     std::shared_ptr<tcp::acceptor> acceptor) {
    while (!state->stopping) {
      auto [error, socket] = co_await acceptor->async_accept(asio::as_tuple(asio::use_awaitable));
      if (state->stopping) break;
      if (error) {
        // Out of descriptors or memory: those in use are what will free some.
        co_await sleep_for(std::chrono::milliseconds(100));
        continue;
      }
      if (state->closers.size() >= state->options.max_connections) continue;  // closes the socket
      spawn(state->executor, "http connection", serve_connection(state, std::move(socket)));
    }
  }

  std::shared_ptr<ServerState> state_;
  std::shared_ptr<tcp::acceptor> acceptor_;
  uint16_t port_;
};

Result<tcp::acceptor> bind(const Executor& executor, const ServerOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return invalid_argument("listen address {:?}: not an IP address", options.address);
  }
  const std::string where = host_port(options.address, options.port);
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6() && address.is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), error);  // "::" means both families
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return unavailable("listen {}: {}", where, error_text(error));
  return acceptor;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(const Executor& executor, ServerOptions options,
                                               std::shared_ptr<ServerTls> tls, Handler& handler) {
  ASSIGN_OR_RETURN(tcp::acceptor acceptor, bind(executor, options));
  auto state = std::make_shared<ServerState>(
      ServerState{executor, std::move(options), std::move(tls), handler});
  return std::make_unique<AsioServer>(std::move(state), std::move(acceptor));
}

}  // namespace skiff::http
