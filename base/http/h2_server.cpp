// SPDX-License-Identifier: Apache-2.0
// The server's side of one HTTP/2 connection: each request a coroutine of its own.
#include "base/http/h2_server.h"

#include "base/http/h2_writer.h"
#include "base/http/request_target.h"

namespace skiff::http {
namespace {

constexpr uint32_t kMaxStreams = 250;
// Handlers of streams that were reset go on until they notice; beyond this, new streams wait.
constexpr size_t kMaxHandlers = 2 * kMaxStreams;
constexpr auto kLinger = std::chrono::seconds(1);
constexpr size_t kFieldOverheadBytes = 32;  // RFC 9113, 6.5.2

}  // namespace

H2ServerSession::H2ServerSession(Accepted accepted)
    : H2Session(accepted.server->executor, accepted.wire, accepted.server->options.idle_timeout),
      accepted_(std::move(accepted)),
      deadline_(executor_, wire_),
      idle_(executor_) {}

void H2ServerSession::serve() {
  accepted_.registration->set_closer([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->go_away();
  });
  deadline_.arm(accepted_.server->options.header_timeout);
  start({.server = true,
         .max_streams = kMaxStreams,
         .max_header_bytes = static_cast<uint32_t>(accepted_.server->options.max_header_bytes)});
  watch_idleness();
}

std::shared_ptr<H2Stream> H2ServerSession::accept() {
  if (handlers_ >= kMaxHandlers) return nullptr;
  return std::make_shared<H2ServerStream>(*this, executor_, accepted_.server->options);
}

void H2ServerSession::after_read() {
  const auto self = std::static_pointer_cast<H2ServerSession>(shared_from_this());
  for (auto& stream : std::exchange(ready_, {})) {
    ++handlers_;
    spawn(executor_, "http/2 request", handle(self, std::move(stream)));
  }
}

awaitable<void> H2ServerSession::handle(std::shared_ptr<H2ServerSession> self,
                                        std::shared_ptr<H2ServerStream> stream) {
  Request request = stream->take_request();
  request.peer = self->accepted_.peer;
  H2Writer writer(self, stream, request.method == "HEAD");
  co_await self->accepted_.server->handler.serve(std::move(request), writer);
  writer.finish();
  --self->handlers_;
}

void H2ServerSession::ready(const std::shared_ptr<H2ServerStream>& stream) {
  ready_.push_back(stream);
}

void H2ServerSession::submit_head(H2ServerStream& stream, int status, const Headers& headers,
                                  bool body) {
  if (stream.closed || !is_open()) return;
  const std::string code = std::to_string(status);
  H2Fields fields;
  fields.add(":status", code);
  fields.add(headers);
  const nghttp2_data_provider provider = body_of(stream);
  if (status >= 100 && status < 200) {
    nghttp2_submit_headers(session(), NGHTTP2_FLAG_NONE, stream.id, nullptr, fields.data(),
                           fields.size(), nullptr);
  } else {
    nghttp2_submit_response(session(), stream.id, fields.data(), fields.size(),
                            body ? &provider : nullptr);
  }
  flush();
}

// A connection that brings nothing and serves nothing is told to go after the idle time, unfinished
// requests or not.
void H2ServerSession::watch_idleness() {
  idle_.expires_after(accepted_.server->options.idle_timeout);
  idle_.async_wait([weak = weak_from_this()](const boost::system::error_code& stopped) {
    const auto self = std::static_pointer_cast<H2ServerSession>(weak.lock());
    if (stopped || self == nullptr || !self->is_open()) return;
    const uint64_t received = self->wire_->bytes_received();
    const bool silent = received == std::exchange(self->received_before_, received);
    if (silent && self->handlers_ == 0) return self->go_away();
    self->watch_idleness();
  });
}

void H2ServerSession::on_closed() {
  idle_.cancel();
  deadline_.disarm();
}

void H2ServerStream::on_header(std::string_view name, std::string_view value) {
  if (head_done_) return;  // trailers
  header_bytes_ += name.size() + value.size() + kFieldOverheadBytes;
  if (header_bytes_ > options_.max_header_bytes) return;
  if (name == ":method") {
    request_.method = std::string(value);
  } else if (name == ":path") {
    set_target(request_, value);
  } else if (name == ":authority") {
    request_.headers.set("host", std::string(value));
  } else if (!name.starts_with(':')) {
    request_.headers.add(std::string(name), std::string(value));
  }
}

void H2ServerStream::on_head() {
  if (std::exchange(head_done_, true)) return;
  if (header_bytes_ > options_.max_header_bytes) return refuse(431);
  if (request_.headers.get("expect") == "100-continue") {
    session_.submit_head(*this, 100, {}, false);
  }
}

void H2ServerStream::on_data(std::string_view bytes) {
  if (refused_) return;  // and gets no new window
  session_.consume(*this, bytes.size());
  if (request_.body.size() + bytes.size() > options_.max_body_bytes) return refuse(413);
  request_.body += bytes;
}

void H2ServerStream::on_end() {
  if (!refused_) session_.ready(shared_from_this());
}

void H2ServerStream::on_close(uint32_t error) {
  if (error != 0 || !ended) gone_ = true;
  if (const auto fn = std::exchange(on_gone_, nullptr); fn && gone_) fn();
}

void H2ServerStream::on_gone(std::function<void()> fn) {
  if (gone_ && fn) {
    fn();
  } else {
    on_gone_ = std::move(fn);
  }
}

// Some clients forget the answer when the reset comes right behind it.
void H2ServerStream::refuse(int status) {
  refused_ = true;
  request_ = {};
  session_.submit_head(*this, status, {}, false);
  linger_.expires_after(kLinger);
  linger_.async_wait([weak = weak_from_this()](const boost::system::error_code& stopped) {
    const auto self = weak.lock();
    if (!stopped && self != nullptr && !self->closed) {
      self->session_.reset(*self, NGHTTP2_NO_ERROR);
    }
  });
}

awaitable<void> serve_h2(Accepted accepted) {
  std::make_shared<H2ServerSession>(std::move(accepted))->serve();
  co_return;
}

}  // namespace skiff::http
