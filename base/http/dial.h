// SPDX-License-Identifier: Apache-2.0
// Outgoing connections.
#pragma once

#include <memory>
#include <string>

#include "base/http/tls.h"
#include "base/http/wire.h"

namespace skiff::http {

struct DialOptions {
  std::string host;  // name, address, or "unix:/path"
  uint16_t port = 0;
  std::shared_ptr<ClientTls> tls;  // null: plain
  std::string server_name = {};  // whom the certificate must name; empty: as `tls` says, or `host`
  bool offer_h2 = false;         // by ALPN, before HTTP/1.1
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(10);
};

// Connected, and greeted by TLS. Errors read `dial 10.0.0.1:6443: connection refused`.
awaitable<Result<std::shared_ptr<Wire>>> dial(DialOptions options);

}  // namespace skiff::http
