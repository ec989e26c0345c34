// SPDX-License-Identifier: Apache-2.0
#include "base/http/h2_client.h"

#include <charconv>

#include "base/http/request_target.h"

namespace skiff::http {
namespace {
constexpr auto kStall = std::chrono::seconds(60);
}

H2ClientSession::H2ClientSession(const Executor& executor, std::shared_ptr<Wire> wire,
                                 std::chrono::steady_clock::duration ping_interval)
    : H2Session(executor, std::move(wire), kStall),
      ping_interval_(ping_interval),
      ping_timer_(executor) {}

void H2ClientSession::connect() {
  start({});
  watch_link();
}

std::shared_ptr<Exchange> H2ClientSession::open(const Request& request,
                                                const std::string& authority) {
  const auto exchange = std::make_shared<H2Exchange>(
      executor_, std::static_pointer_cast<H2ClientSession>(shared_from_this()));
  const std::string target = target_of(request);
  const std::string_view host = request.headers.get("host");
  const std::string length = std::to_string(request.body.size());
  H2Fields fields;
  fields.add(":method", request.method);
  fields.add(":scheme", "https");
  fields.add(":authority", host.empty() ? authority : host);
  fields.add(":path", target);
  fields.add(request.headers);
  const bool has_body = !request.body.empty();
  if (has_body) {
    if (request.headers.get("content-length").empty()) fields.add("content-length", length);
    exchange->outgoing.push(std::make_shared<const std::string>(request.body));
  }
  exchange->ended = true;
  const nghttp2_data_provider body = body_of(*exchange);
  const int32_t id = nghttp2_submit_request(session(), nullptr, fields.data(), fields.size(),
                                            has_body ? &body : nullptr, nullptr);
  if (id < 0) {
    leaving_ = true;  // the stream numbers are used up
    exchange->on_close(NGHTTP2_REFUSED_STREAM);
    return exchange;
  }
  adopt(id, exchange);
  flush();
  return exchange;
}

void H2ClientSession::watch_link() {
  ping_timer_.expires_after(ping_interval_);
  ping_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& stopped) {
    const auto self = std::static_pointer_cast<H2ClientSession>(weak.lock());
    if (stopped || self == nullptr || !self->is_open()) return;
    const uint64_t received = self->wire_->bytes_received();
    const bool silent = received == std::exchange(self->received_before_, received);
    if (silent && self->pinged_) {
      return self->close(unavailable("no sign of life from the server"));
    }
    self->pinged_ = silent;
    if (silent) {
      nghttp2_submit_ping(self->session(), NGHTTP2_FLAG_NONE, nullptr);
      self->flush();
    }
    self->watch_link();
  });
}

H2Exchange::H2Exchange(const Executor& executor, std::weak_ptr<H2ClientSession> session)
    : H2Stream(executor), session_(std::move(session)), progress_(executor) {}

awaitable<Status> H2Exchange::head() {
  const auto keep = shared_from_this();
  while (!has_head_ && failure_.ok()) co_await progress_.wait();
  co_return has_head_ ? absl::OkStatus() : failure_;
}

awaitable<Result<std::string>> H2Exchange::read() {
  const auto keep = shared_from_this();
  while (received_.empty() && !complete_ && failure_.ok()) co_await progress_.wait();
  if (!received_.empty()) {
    std::string piece = std::exchange(received_, {});
    if (const auto session = session_.lock()) session->consume(*this, piece.size());
    co_return piece;
  }
  CO_RETURN_IF_ERROR(failure_);
  co_return std::string();
}

void H2Exchange::cancel(const Status& why) {
  if (closed || !failure_.ok()) return;
  failure_ = why;
  received_.clear();
  if (const auto session = session_.lock()) session->reset(*this, NGHTTP2_CANCEL);
  progress_.notify();
}

void H2Exchange::on_header(std::string_view name, std::string_view value) {
  if (has_head_) return;  // trailers
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), status_);
  } else {
    headers_.add(std::string(name), std::string(value));
  }
}

void H2Exchange::on_head() {
  if (has_head_) return;
  if (status_ < 200) {  // "100 Continue" is no answer
    headers_ = {};
    return;
  }
  has_head_ = true;
  progress_.notify();
}

void H2Exchange::on_data(std::string_view bytes) {
  if (!failure_.ok()) return;
  received_ += bytes;
  progress_.notify();
}

void H2Exchange::on_end() {
  complete_ = true;
  progress_.notify();
}

void H2Exchange::on_close(uint32_t error) {
  if (!complete_ && failure_.ok()) {
    const auto session = session_.lock();
    unprocessed_ = error == NGHTTP2_REFUSED_STREAM;
    if (session != nullptr && !session->is_open()) {
      failure_ = session->status();
    } else {
      failure_ = unavailable("stream reset by the server: {}", nghttp2_http2_strerror(error));
    }
  }
  progress_.notify();
}

}  // namespace skiff::http
