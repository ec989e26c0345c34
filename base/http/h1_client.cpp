// SPDX-License-Identifier: Apache-2.0
#include "base/http/h1_client.h"

#include <boost/beast/http/error.hpp>

#include "base/http/h1_writer.h"
#include "base/http/request_target.h"
#include "base/http/wire_stream.h"

namespace skiff::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

constexpr size_t kJoinBytes = 64 * 1024;  // a larger body is sent from where it is
constexpr uint32_t kMaxHeadBytes = 65000;

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

std::string h1_head(const Request& request, std::string_view host) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, target_of(request));
  if (request.headers.get("host").empty()) head += fmt::format("host: {}\r\n", host);
  append_headers(head, request.headers);
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body && request.headers.get("content-length").empty()) {
    head += fmt::format("content-length: {}\r\n", request.body.size());
  }
  head += "\r\n";
  return head;
}

H1Exchange::H1Exchange(H1Link link, std::shared_ptr<const Request> request, std::string host,
                       bool reused, std::function<void(H1Link)> recycle)
    : link_(std::move(link)),
      request_(std::move(request)),
      host_(std::move(host)),
      reused_(reused),
      recycle_(std::move(recycle)) {}

H1Exchange::~H1Exchange() {
  if (!finished_) link_.wire->close();
}

awaitable<Status> H1Exchange::send() {
  std::string head = h1_head(*request_, host_);
  if (request_->body.size() < kJoinBytes) {
    head += request_->body;
    co_return co_await link_.wire->write(asio::buffer(head));
  }
  CO_RETURN_IF_ERROR(co_await link_.wire->write(asio::buffer(head)));
  co_return co_await link_.wire->write(asio::buffer(request_->body));
}

awaitable<Status> H1Exchange::head() {
  const auto keep = shared_from_this();
  // A server may refuse a body before it has read it all: what it said counts, not that our
  // writing failed.
  const Status sent = co_await send();
  Status got = co_await read_head();
  if (!got.ok()) {
    unprocessed_ = failure_.ok() && reused_ && !answered_ && is_idempotent(request_->method);
    link_.wire->close();
    if (!failure_.ok()) co_return failure_;
    co_return sent.ok() ? got : sent;
  }
  co_return absl::OkStatus();
}

awaitable<Status> H1Exchange::read_head() {
  do {
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(kMaxHeadBytes);
    parser_->body_limit(boost::none);
    if (request_->method == "HEAD") parser_->skip(true);
    while (!parser_->is_header_done()) CO_RETURN_IF_ERROR(co_await feed());
    status_ = static_cast<int>(parser_->get().result_int());
  } while (status_ >= 100 && status_ < 200 && status_ != 101);  // "100 Continue" is no answer
  take_head();
  if (upgraded()) co_return absl::OkStatus();
  parser_->eager(true);
  if (parser_->is_done()) finish();
  co_return absl::OkStatus();
}

bool H1Exchange::upgraded() const {
  const bool connected = request_->method == "CONNECT" && status_ >= 200 && status_ < 300;
  return status_ == 101 || connected;
}

std::unique_ptr<ByteStream> H1Exchange::detach() {
  finished_ = true;
  parser_.reset();
  return std::make_unique<WireStream>(link_.wire, link_.inbox);
}

void H1Exchange::take_head() {
  for (const auto& field : parser_->get()) {
    std::string name(field.name_string().data(), field.name_string().size());
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    headers_.add(std::move(name), std::string(field.value().data(), field.value().size()));
  }
}

awaitable<Status> H1Exchange::feed() {
  error_code error = beast::http::error::need_more;
  const auto bytes = link_.inbox->bytes();
  if (!bytes.empty()) {
    answered_ = true;
    error = {};
    link_.inbox->consume(parser_->put(asio::buffer(bytes.data(), bytes.size()), error));
  }
  if (!error) co_return absl::OkStatus();
  if (error != beast::http::error::need_more) {
    co_return unavailable("malformed answer: {}", error.message());
  }
  if (co_await link_.inbox->more()) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(failure_);
  CO_RETURN_IF_ERROR(link_.inbox->status());
  error = {};
  if (parser_->is_header_done()) parser_->put_eof(error);  // an end that ends the body
  if (parser_->is_done() && !error) co_return absl::OkStatus();
  co_return unavailable("connection closed by the server");
}

awaitable<Result<std::string>> H1Exchange::read() {
  const auto keep = shared_from_this();
  while (parser_ != nullptr) {
    std::string piece = std::exchange(parser_->get().body(), {});
    if (parser_->is_done()) {
      finish();
      parser_.reset();
    }
    if (!piece.empty()) co_return piece;
    if (parser_ != nullptr) CO_RETURN_IF_ERROR(co_await feed());
  }
  CO_RETURN_IF_ERROR(failure_);
  co_return std::string();
}

void H1Exchange::finish() {
  if (std::exchange(finished_, true)) return;
  if (parser_->keep_alive() && recycle_ && link_.inbox->bytes().empty()) {
    recycle_(link_);
  } else {
    link_.wire->close();
  }
}

void H1Exchange::cancel(const Status& why) {
  if (finished_) return;
  if (failure_.ok()) failure_ = why;
  link_.wire->close();
}

}  // namespace skiff::http
