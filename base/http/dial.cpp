// SPDX-License-Identifier: Apache-2.0
#include "base/http/dial.h"

#include <openssl/x509v3.h>

#include "base/http/client.h"
#include "base/http/deadline.h"
#include "base/http/socket_options.h"
#include "base/http/wire_stream.h"

namespace skiff::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::string_view kUnix = "unix:";

// Owned by the coroutine and the timer that may end it.
struct Attempt {
  explicit Attempt(const Executor& executor)
      : resolver(executor), socket(executor), timer(executor) {}
  tcp::resolver resolver;
  tcp::socket socket;
  asio::steady_timer timer;
  bool timed_out = false;
};

Status failure(const Attempt& attempt, const error_code& error) {
  if (attempt.timed_out) return unavailable("timed out");
  return unavailable("{}", error_text(error));
}

void limit(const std::shared_ptr<Attempt>& attempt, steady_clock::duration timeout) {
  attempt->timer.expires_after(timeout);
  attempt->timer.async_wait([attempt](const error_code& stopped) {
    if (stopped) return;
    attempt->timed_out = true;
    attempt->resolver.cancel();
    error_code ignored;
    attempt->socket.close(ignored);
  });
}

awaitable<Result<Wire::Socket>> connect_tcp(std::string host, uint16_t port,
                                            steady_clock::duration timeout) {
  const auto attempt = std::make_shared<Attempt>(co_await asio::this_coro::executor);
  limit(attempt, timeout);
  std::vector<tcp::endpoint> endpoints;
  error_code literal;
  const auto address = asio::ip::make_address(host, literal);
  if (!literal) {
    endpoints.emplace_back(address, port);
  } else {
    const auto [error, found] = co_await attempt->resolver.async_resolve(
        host, std::to_string(port), asio::as_tuple(asio::use_awaitable));
    if (error) {
      attempt->timer.cancel();
      co_return failure(*attempt, error);
    }
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  }
  const auto [error, endpoint] =
      co_await asio::async_connect(attempt->socket, endpoints, asio::as_tuple(asio::use_awaitable));
  attempt->timer.cancel();
  if (error || attempt->timed_out) co_return failure(*attempt, error);
  Wire::Socket socket(std::move(attempt->socket));
  watch_liveness(socket);
  co_return socket;
}

awaitable<Result<Wire::Socket>> connect_unix(std::string path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) co_return unavailable("path too long");
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const auto [error] = co_await socket.async_connect(asio::local::stream_protocol::endpoint(path),
                                                     asio::as_tuple(asio::use_awaitable));
  if (error) co_return unavailable("{}", error_text(error));
  co_return Wire::Socket(std::move(socket));
}

// The connecting side, which verifies the other end by name or by address.
Wire::SslPtr connect_side(const DialOptions& options) {
  Wire::SslPtr ssl(SSL_new(options.tls->context()));
  SSL_set_connect_state(ssl.get());
  const ClientTlsOptions& tls = options.tls->options();
  const std::string& chosen = options.server_name.empty() ? tls.server_name : options.server_name;
  const std::string& name = chosen.empty() ? options.host : chosen;
  error_code not_literal;
  asio::ip::make_address(name, not_literal);
  if (!not_literal) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    SSL_set1_host(ssl.get(), name.c_str());
  }
  const std::string_view protocols = options.offer_h2 ? std::string_view("\x02h2\x08http/1.1", 12)
                                                      : std::string_view("\x08http/1.1", 9);
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  return ssl;
}

awaitable<Result<std::shared_ptr<Wire>>> dial_quietly(const DialOptions& options) {
  const auto start = steady_clock::now();
  Result<Wire::Socket> socket =
      options.host.starts_with(kUnix)
          ? co_await connect_unix(options.host.substr(kUnix.size()))
          : co_await connect_tcp(options.host, options.port, options.timeout);
  CO_RETURN_IF_ERROR(socket);
  auto wire = std::make_shared<Wire>(std::move(*socket),
                                     options.tls == nullptr ? nullptr : connect_side(options));
  Deadline deadline(co_await asio::this_coro::executor, wire);
  deadline.arm(options.timeout - (steady_clock::now() - start));
  const Status greeted = co_await wire->handshake();
  if (deadline.expired()) co_return unavailable("TLS handshake timed out");
  CO_RETURN_IF_ERROR(greeted);
  co_return wire;
}

}  // namespace

awaitable<Result<std::shared_ptr<Wire>>> dial(DialOptions options) {
  const std::string where =
      options.host.starts_with(kUnix) ? options.host : host_port(options.host, options.port);
  CO_ASSIGN_OR_RETURN(auto wire, co_await dial_quietly(options), "dial {}", where);
  co_return wire;
}

awaitable<Result<std::unique_ptr<ByteStream>>> connect(std::string host, uint16_t port,
                                                       std::shared_ptr<ClientTls> tls,
                                                       std::chrono::milliseconds timeout) {
  CO_ASSIGN_OR_RETURN(
      auto wire,
      co_await dial(
          {.host = std::move(host), .port = port, .tls = std::move(tls), .timeout = timeout}));
  co_return std::make_unique<WireStream>(std::move(wire));
}

}  // namespace skiff::http
