// SPDX-License-Identifier: Apache-2.0
// HTTPS server: TLS 1.2+ with ALPN h2 (nghttp2) and http/1.1 (Beast parser), keep-alive, upgrades,
// limits. Plain HTTP on request. On TCP or a unix socket. Runs on its executor's loop; handlers are
// coroutines there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/http/message.h"
#include "base/http/tls.h"

namespace skiff::http {

struct ServerOptions {
  std::string address = "127.0.0.1";        // or "unix:/path": a socket for its owner alone
  uint16_t port = 0;                        // 0: any free port, see Server::port()
  size_t max_body_bytes = 3 * 1024 * 1024;  // kube-apiserver's limit; more is answered 413
  size_t max_header_bytes = 64 * 1024;      // more is answered 431
  size_t max_connections = 10000;
  std::chrono::milliseconds header_timeout{10'000};  // TLS handshake and request head
  std::chrono::milliseconds idle_timeout{180'000};
};

class Server {
 public:
  // `tls` null: plain HTTP. The handler must outlive the server and the requests it still serves.
  static Result<std::unique_ptr<Server>> listen(const Executor& executor, ServerOptions options,
                                                std::shared_ptr<ServerTls> tls, Handler& handler);
  virtual ~Server() = default;
  virtual uint16_t port() const = 0;  // 0 on a unix socket
  // Stops accepting and closes every connection.
  virtual void stop() = 0;
};

}  // namespace skiff::http
