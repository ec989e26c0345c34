// SPDX-License-Identifier: Apache-2.0
#include "base/http/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/http/deadline.h"
#include "base/http/server_state.h"
#include "base/http/socket_options.h"

namespace skiff::http {
namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

constexpr std::string_view kUnix = "unix:";

Wire::SslPtr accept_side(const ServerState& server) {
  if (server.tls == nullptr) return nullptr;
  Wire::SslPtr ssl(SSL_new(server.tls->context()));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

awaitable<void> serve_connection(std::shared_ptr<ServerState> server, Wire::Socket socket) {
  watch_liveness(socket);
  auto wire = std::make_shared<Wire>(std::move(socket), accept_side(*server));
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
  AsioServer(std::shared_ptr<ServerState> state, Acceptor acceptor, uint16_t port)
      : state_(std::move(state)),
        acceptor_(std::make_shared<Acceptor>(std::move(acceptor))),
        port_(port) {
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
                                     std::shared_ptr<Acceptor> acceptor) {
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
  std::shared_ptr<Acceptor> acceptor_;
  uint16_t port_;
};

// Nobody else can have connected before listen().
Result<Acceptor> bind_unix(const Executor& executor, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return invalid_argument("listen {}: the path is too long for a socket", path);
  ::unlink(path.c_str());
  error_code error;
  Acceptor acceptor(executor);
  acceptor.open(asio::local::stream_protocol(), error);
  if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
  if (!error && ::chmod(path.c_str(), 0600) != 0)
    error = error_code(errno, boost::system::system_category());
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return unavailable("listen {}: {}", path, error_text(error));
  return acceptor;
}

Result<Acceptor> bind(const Executor& executor, const ServerOptions& options) {
  if (options.address.starts_with(kUnix))
    return bind_unix(executor, options.address.substr(kUnix.size()));
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return invalid_argument("listen address {:?}: not an IP address", options.address);
  }
  const std::string where = host_port(options.address, options.port);
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  Acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error && address.is_v6() && address.is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), error);  // "::" means both families
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return unavailable("listen {}: {}", where, error_text(error));
  return acceptor;
}

// 0 on a unix socket.
uint16_t port_of(const Acceptor& acceptor) {
  const auto endpoint = acceptor.local_endpoint();
  asio::ip::tcp::endpoint tcp;
  const int family = endpoint.protocol().family();
  if ((family != AF_INET && family != AF_INET6) || endpoint.size() > tcp.capacity()) return 0;
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  return tcp.port();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(const Executor& executor, ServerOptions options,
                                               std::shared_ptr<ServerTls> tls, Handler& handler) {
  ASSIGN_OR_RETURN(Acceptor acceptor, bind(executor, options));
  const uint16_t port = port_of(acceptor);
  auto state = std::make_shared<ServerState>(
      ServerState{executor, std::move(options), std::move(tls), handler});
  return std::make_unique<AsioServer>(std::move(state), std::move(acceptor), port);
}

}  // namespace skiff::http
