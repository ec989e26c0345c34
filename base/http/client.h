// SPDX-License-Identifier: Apache-2.0
// HTTP client: one HTTP/2 connection to one server for all requests and watches (HTTP/1.1 where the
// server has no h2, and for upgrades), reconnecting by itself. Runs on its executor's loop.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include "base/http/message.h"
#include "base/http/tls.h"

namespace skiff::http {

// The body of an answer as it comes in.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  // The next piece; empty at the end. UNAVAILABLE if the connection broke.
  virtual awaitable<Result<std::string>> read() = 0;
};

struct ClientOptions {
  std::string host;
  uint16_t port = 443;
  std::shared_ptr<ClientTls> tls;  // null: plain HTTP/1.1
  std::string server_name = {};    // whom the certificate must name, if not `host`
  std::chrono::milliseconds connect_timeout{10'000};
  // HTTP/2 health check; a dead link is noticed in two of these.
  std::chrono::milliseconds ping_interval{15'000};
  // fetch() only: the whole exchange, and how much of the answer's body is wanted; what comes after
  // that is cut off.
  std::chrono::milliseconds request_timeout{60'000};
  size_t body_limit = std::numeric_limits<size_t>::max();
};

// The answer to a request that asks for another protocol.
struct Upgrade {
  Response answer;  // the head; of a refusal also (the beginning of) the body
  std::unique_ptr<ByteStream>
      stream;  // what follows the head; null: refused, the connection is closed
};

class Client {
 public:
  static std::unique_ptr<Client> make(const Executor& executor, ClientOptions options);
  virtual ~Client() = default;
  // Sends `request` (method, path + query, headers, body) and waits for the whole answer.
  virtual awaitable<Result<Response>> fetch(Request request) = 0;
  // The same, the answer's body streamed (watches, logs). Destroying the reader cancels the stream.
  virtual awaitable<Result<std::unique_ptr<BodyReader>>> stream(Request request) = 0;
  // Sends `request` (with its upgrade headers, or CONNECT) over an HTTP/1.1 connection of its own
  // and reads the head of the answer: only a server that agreed (101, or 2xx to CONNECT) gives a
  // stream.
  virtual awaitable<Result<Upgrade>> upgrade(Request request) = 0;
};

// Plain or TLS connection to an address, as a byte stream. Also "unix:/path".
awaitable<Result<std::unique_ptr<ByteStream>>> connect(std::string host, uint16_t port,
                                                       std::shared_ptr<ClientTls> tls,
                                                       std::chrono::milliseconds timeout);

}  // namespace skiff::http
