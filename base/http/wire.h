// SPDX-License-Identifier: Apache-2.0
// A connected socket, TCP or unix, with or without TLS. TLS runs over memory buffers, so that a
// batch of records leaves in one system call, either direction ends by itself, and an idle
// connection holds no buffer.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/http/message.h"

namespace skiff::http {

// One reader and one writer at a time. close() wakes both.
class Wire final : public ByteStream {
 public:
  using Socket = asio::generic::stream_protocol::socket;
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  using SslPtr = std::unique_ptr<SSL, FreeSsl>;

  // `ssl` null: plain. Its side (accept or connect) is set by the caller.
  Wire(Socket socket, SslPtr ssl);
  ~Wire() override;

  awaitable<Status> handshake();
  // What ALPN chose: "h2", "http/1.1" or nothing.
  std::string_view protocol() const;
  // Address and verified client certificate of the other end.
  Peer peer() const;

  // What is there now: nullopt, nothing yet; 0, the end.
  Result<std::optional<size_t>> try_read(asio::mutable_buffer into);
  // Suspends until try_read() may bring something.
  awaitable<Status> wait_readable();

  awaitable<Result<size_t>> read(asio::mutable_buffer into) override;
  awaitable<Status> write(asio::const_buffer bytes) override;
  awaitable<void> shutdown() override;
  void close() override;
  bool is_open() const { return socket_.is_open(); }
  uint64_t bytes_received() const { return bytes_received_; }

 private:
  Result<std::optional<size_t>> try_receive(asio::mutable_buffer into);
  Result<std::optional<size_t>> try_read_tls(asio::mutable_buffer into);
  // Moves ciphertext from the socket to OpenSSL. As try_read().
  Result<std::optional<size_t>> pull();
  // Writes to the socket, at once if it takes everything.
  awaitable<Status> send(asio::const_buffer bytes);
  // Sends what OpenSSL has produced.
  awaitable<Status> flush();
  bool take_ciphertext();

  Socket socket_;
  SslPtr ssl_;
  BIO* incoming_ = nullptr;  // owned by ssl_
  BIO* outgoing_ = nullptr;  // owned by ssl_
  std::string ciphertext_;   // being sent
  bool flushing_ = false;
  uint64_t bytes_received_ = 0;
  Event flushed_;
};

// "10.0.0.1:80", "[fd00::1]:80".
std::string host_port(std::string_view host, uint16_t port);

}  // namespace skiff::http
