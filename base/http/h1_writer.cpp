// SPDX-License-Identifier: Apache-2.0
#include "base/http/h1_writer.h"

#include <boost/beast/http/status.hpp>

#include "base/http/h1_connection.h"

namespace skiff::http {
namespace {

constexpr size_t kQueueBytes = 256 * 1024;
constexpr size_t kCopyBytes = 64 * 1024;  // larger pieces are written from where they are

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) out += c == '\r' || c == '\n' ? ' ' : c;
  out += "\r\n";
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

void append_headers(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) append_line(out, name, value);
}

H1Writer::H1Writer(H1Connection& connection, Options options)
    : connection_(connection), options_(options) {}

H1Writer::~H1Writer() = default;

void H1Writer::write_head(int status, const Headers& headers) {
  std::string& out = connection_.outbox().buffer();
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  out += fmt::format("HTTP/1.1 {} {}\r\n", status, std::string_view(reason.data(), reason.size()));
  append_headers(out, headers);
  if (!options_.keep_alive && status != 101 && headers.get("connection").empty())
    out += "connection: close\r\n";
  if (options_.keep_alive && options_.http10) out += "connection: keep-alive\r\n";
}

awaitable<Status> H1Writer::respond(Response response) {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  state_ = State::kWhole;
  if (response.headers.get("connection") == "close") options_.keep_alive = false;
  write_head(response.status, response.headers);
  size_t length = 0;
  for (const auto& piece : response.body) length += piece->size();
  Outbox& outbox = connection_.outbox();
  if (!has_no_body(response.status) && response.headers.get("content-length").empty()) {
    outbox.buffer() += fmt::format("content-length: {}\r\n", length);
  }
  outbox.buffer() += "\r\n";
  outbox.flush_soon();
  if (options_.head_only || has_no_body(response.status)) co_return outbox.status();
  for (const auto& piece : response.body) {
    if (piece->size() >= kCopyBytes) {
      CO_RETURN_IF_ERROR(co_await outbox.write(asio::buffer(*piece)));
    } else {
      outbox.buffer() += *piece;
      outbox.flush_soon();
      CO_RETURN_IF_ERROR(co_await outbox.room(kQueueBytes));
    }
  }
  co_return outbox.status();
}

awaitable<Status> H1Writer::start(int status, Headers headers) {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  state_ = State::kStreaming;
  chunked_ = !options_.http10;
  if (options_.http10) options_.keep_alive = false;
  write_head(status, headers);
  Outbox& outbox = connection_.outbox();
  outbox.buffer() += chunked_ ? "transfer-encoding: chunked\r\n\r\n" : "\r\n";
  outbox.flush_soon();
  co_return outbox.status();
}

awaitable<Status> H1Writer::write(std::shared_ptr<const std::string> chunk) {
  if (state_ != State::kStreaming) co_return internal_error("write before start");
  Outbox& outbox = connection_.outbox();
  if (chunk->empty() || options_.head_only) co_return outbox.status();
  if (chunked_) fmt::format_to(std::back_inserter(outbox.buffer()), "{:x}\r\n", chunk->size());
  if (chunk->size() >= kCopyBytes) {
    CO_RETURN_IF_ERROR(co_await outbox.write(asio::buffer(*chunk)));
  } else {
    outbox.buffer() += *chunk;
  }
  if (chunked_) outbox.buffer() += "\r\n";
  outbox.flush_soon();
  if (outbox.buffer().size() < kQueueBytes) co_return outbox.status();
  co_return co_await outbox.room(kQueueBytes);
}

bool H1Writer::cancelled() const {
  return connection_.inbox().ended() || !connection_.outbox().status().ok();
}

void H1Writer::on_cancel(std::function<void()> fn) {
  connection_.inbox().on_end(std::move(fn));  // a failed write closes the wire, which ends this
}

awaitable<Result<std::unique_ptr<ByteStream>>> H1Writer::upgrade(Headers headers) {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  if (headers.get("connection").empty()) headers.add("connection", "Upgrade");
  write_head(101, headers);
  connection_.outbox().buffer() += "\r\n";
  co_return co_await hijack();
}

awaitable<Result<std::unique_ptr<ByteStream>>> H1Writer::hijack() {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  state_ = State::kDetached;
  connection_.inbox().on_end(nullptr);
  const Status sent = co_await connection_.outbox().flush();
  auto stream = connection_.detach();
  CO_RETURN_IF_ERROR(sent);
  co_return stream;
}

awaitable<bool> H1Writer::finish() {
  if (state_ == State::kDetached) co_return false;
  if (state_ == State::kSilent) {
    std::ignore = co_await respond(Response::text(500, "no answer\n"));
  } else if (state_ == State::kStreaming && chunked_ && !options_.head_only) {
    connection_.outbox().buffer() += "0\r\n\r\n";
    connection_.outbox().flush_soon();
  }
  co_return options_.keep_alive&& connection_.outbox().status().ok();
}

}  // namespace skiff::http
