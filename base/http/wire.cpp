// SPDX-License-Identifier: Apache-2.0
#include "base/http/wire.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>

#include "base/http/socket_options.h"

namespace skiff::http {
namespace {

using boost::system::error_code;

constexpr size_t kPullBytes = 32 * 1024;
constexpr size_t kKeepBytes = 16 * 1024;  // a buffer larger than this is not kept while idle
constexpr size_t kBatchBytes = 256 * 1024;

Status socket_status(const error_code& error) {
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
    return unavailable("connection closed");
  }
  return unavailable("{}", error_text(error));
}

Status tls_status(const SSL* ssl) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return unavailable("TLS connection broken");
  const long verified = SSL_get_verify_result(ssl);
  if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
    return unavailable("certificate refused: {}", X509_verify_cert_error_string(verified));
  }
  const char* reason = ERR_reason_error_string(code);
  return unavailable("TLS: {}", reason == nullptr ? "unknown error" : reason);
}

std::string entry_text(const X509_NAME_ENTRY* entry) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
  if (length < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), static_cast<size_t>(length));
  OPENSSL_free(utf8);
  return text;
}

void read_subject(const X509_NAME* subject, Peer& peer) {
  for (int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); i >= 0;
       i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) {
    peer.common_name = entry_text(X509_NAME_get_entry(subject, i));
  }
  for (int i = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1); i >= 0;
       i = X509_NAME_get_index_by_NID(subject, NID_organizationName, i)) {
    peer.organizations.push_back(entry_text(X509_NAME_get_entry(subject, i)));
  }
}

std::string address_text(const Wire::Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error ||
      (endpoint.protocol().family() != AF_INET && endpoint.protocol().family() != AF_INET6))
    return {};
  asio::ip::tcp::endpoint tcp;
  if (endpoint.size() > tcp.capacity()) return {};
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  asio::ip::address address = tcp.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return host_port(address.to_string(), tcp.port());
}

}  // namespace

std::string host_port(std::string_view host, uint16_t port) {
  if (host.find(':') != std::string_view::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

Wire::Wire(Socket socket, SslPtr ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)), flushed_(socket_.get_executor()) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  if (ssl_ == nullptr) return;
  incoming_ = BIO_new(BIO_s_mem());
  outgoing_ = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(incoming_, -1);
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
}

Wire::~Wire() {
  close();
}

awaitable<Status> Wire::handshake() {
  if (ssl_ == nullptr) co_return absl::OkStatus();
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    Status failure;
    if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
      failure = tls_status(ssl_.get());
    }
    const Status sent = co_await flush();  // an alert, too
    if (!failure.ok()) co_return failure;
    CO_RETURN_IF_ERROR(sent);
    if (result == 1) co_return absl::OkStatus();
    auto got = pull();
    if (got.ok() && !got->has_value()) {
      CO_RETURN_IF_ERROR(co_await wait_readable());
      got = pull();
    }
    CO_RETURN_IF_ERROR(got);
    if (*got == 0u) co_return unavailable("connection closed in the TLS handshake");
  }
}

std::string_view Wire::protocol() const {
  if (ssl_ == nullptr) return {};
  const unsigned char* text = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &text, &length);
  return {reinterpret_cast<const char*>(text), length};
}

Peer Wire::peer() const {
  Peer peer;
  peer.address = address_text(socket_);
  if (ssl_ == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return peer;
  if ((SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) == 0) return peer;
  if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
    read_subject(X509_get_subject_name(certificate), peer);
  }
  return peer;
}

Result<std::optional<size_t>> Wire::try_receive(asio::mutable_buffer into) {
  error_code error;
  const size_t got = socket_.read_some(into, error);
  if (error == asio::error::would_block || error == asio::error::try_again) return std::nullopt;
  if (error == asio::error::eof) return size_t{0};
  if (error) return socket_status(error);
  bytes_received_ += got;
  return got;
}

Result<std::optional<size_t>> Wire::pull() {
  std::array<char, kPullBytes> buffer;
  const auto got = try_receive(asio::buffer(buffer));
  if (got.ok() && *got > 0u) BIO_write(incoming_, buffer.data(), static_cast<int>(**got));
  return got;
}

Result<std::optional<size_t>> Wire::try_read_tls(asio::mutable_buffer into) {
  for (;;) {
    ERR_clear_error();
    size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    if (result == 1) return got;
    const int reason = SSL_get_error(ssl_.get(), result);
    if (reason == SSL_ERROR_ZERO_RETURN) return size_t{0};
    if (reason != SSL_ERROR_WANT_READ) return tls_status(ssl_.get());
    const auto pulled = pull();
    // An end without close_notify is an end: HTTP says by itself where a message stops.
    if (!pulled.ok() || !pulled->has_value() || **pulled == 0) return pulled;
  }
}

Result<std::optional<size_t>> Wire::try_read(asio::mutable_buffer into) {
  if (!socket_.is_open()) return unavailable("connection closed");
  return ssl_ == nullptr ? try_receive(into) : try_read_tls(into);
}

awaitable<Status> Wire::wait_readable() {
  // Reading may have produced records of its own (key update).
  if (ssl_ != nullptr && BIO_pending(outgoing_) > 0 && !flushing_) {
    CO_RETURN_IF_ERROR(co_await flush());
  }
  const auto [error] =
      co_await socket_.async_wait(Socket::wait_read, asio::as_tuple(asio::use_awaitable));
  if (error) co_return socket_status(error);
  co_return absl::OkStatus();
}

awaitable<Result<size_t>> Wire::read(asio::mutable_buffer into) {
  if (into.size() == 0) co_return size_t{0};
  for (;;) {
    const auto got = try_read(into);
    CO_RETURN_IF_ERROR(got);
    if (got->has_value()) co_return **got;
    CO_RETURN_IF_ERROR(co_await wait_readable());
  }
}

awaitable<Status> Wire::send(asio::const_buffer bytes) {
  for (;;) {
    error_code error;
    bytes += socket_.write_some(bytes, error);
    if (bytes.size() == 0) co_return absl::OkStatus();
    if (error == asio::error::would_block || error == asio::error::try_again) {
      const auto [failed] =
          co_await socket_.async_wait(Socket::wait_write, asio::as_tuple(asio::use_awaitable));
      error = failed;
    }
    if (error) co_return socket_status(error);
  }
}

awaitable<Status> Wire::write(asio::const_buffer bytes) {
  while (bytes.size() > 0) {
    const asio::const_buffer batch = asio::buffer(bytes, kBatchBytes);
    if (ssl_ == nullptr) {
      CO_RETURN_IF_ERROR(co_await send(batch));
    } else {
      ERR_clear_error();
      size_t taken = 0;
      if (SSL_write_ex(ssl_.get(), batch.data(), batch.size(), &taken) != 1) {
        co_return tls_status(ssl_.get());
      }
      CO_RETURN_IF_ERROR(co_await flush());
    }
    bytes += batch.size();
    // A reader as fast as we are must not keep the loop from everybody else.
    if (bytes.size() > 0) co_await asio::post(asio::use_awaitable);
  }
  co_return absl::OkStatus();
}

bool Wire::take_ciphertext() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(outgoing_, &data);
  if (size <= 0) return false;
  ciphertext_.assign(data, static_cast<size_t>(size));
  BIO_reset(outgoing_);
  return true;
}

awaitable<Status> Wire::flush() {
  while (flushing_) co_await flushed_.wait();
  if (!socket_.is_open()) co_return unavailable("connection closed");
  flushing_ = true;
  Status status;
  while (status.ok() && take_ciphertext()) {
    status = co_await send(asio::buffer(ciphertext_));
  }
  if (ciphertext_.capacity() > kKeepBytes) ciphertext_ = {};
  flushing_ = false;
  flushed_.notify();
  co_return status;
}

awaitable<void> Wire::shutdown() {
  if (!socket_.is_open()) co_return;
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    std::ignore = co_await flush();
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Wire::close() {
  if (!socket_.is_open()) return;
  error_code ignored;
  if (ssl_ != nullptr && !flushing_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    // Best effort: what does not fit into the socket's buffer is dropped with the connection.
    if (take_ciphertext()) socket_.write_some(asio::buffer(ciphertext_), ignored);
  }
  socket_.close(ignored);
}

}  // namespace skiff::http
