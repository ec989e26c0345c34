// SPDX-License-Identifier: Apache-2.0
#include "base/http/h2_session.h"

#include <array>

#include "base/check.h"

namespace skiff::http {
namespace {

constexpr size_t kReadBytes = 32 * 1024;
constexpr int kReadsPerTurn = 16;  // then others get the loop

struct FreeOption {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

std::unique_ptr<nghttp2_option, FreeOption> make_options() {
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);  // kept for priorities, which we do not use
  // Rapid reset (CVE-2023-44487) and CONTINUATION floods end the connection.
  nghttp2_option_set_stream_reset_rate_limit(option, 1000, 33);
  nghttp2_option_set_max_continuations(option, 8);
  return std::unique_ptr<nghttp2_option, FreeOption>(option);
}

}  // namespace

H2Session::H2Session(const Executor& executor, std::shared_ptr<Wire> wire,
                     std::chrono::steady_clock::duration stall)
    : executor_(executor),
      wire_(std::move(wire)),
      outbox_(std::make_shared<Outbox>(executor, wire_, stall)) {}

H2Session::~H2Session() {
  outbox_->set_source(nullptr);
  outbox_->on_failure(nullptr);
  wire_->close();
  nghttp2_session_del(session_);
}

void H2Session::start(const Limits& limits) {
  const auto option = make_options();
  const int made = limits.server
                       ? nghttp2_session_server_new2(&session_, h2_callbacks(), this, option.get())
                       : nghttp2_session_client_new2(&session_, h2_callbacks(), this, option.get());
  CHECK(made == 0);
  const std::array<nghttp2_settings_entry, 4> settings = {{
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.max_header_bytes},
      limits.server
          ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.max_streams}
          : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), 3);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        limits.connection_window_bytes);
  outbox_->set_source([this](std::string& out) { fill(out); });
  outbox_->on_failure([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close(self->outbox_->status());
  });
  flush();
  spawn(executor_, "http/2 connection", run(shared_from_this()));
}

awaitable<void> H2Session::run(std::shared_ptr<H2Session> self) {
  while (self->is_open()) {
    const Received received = self->receive();
    self->after_read();
    if (received == Received::kEnd || !self->is_open()) break;
    if (nghttp2_session_want_write(self->session_)) {
      self->flush();
    } else {
      self->close_if_done();
    }
    if (received == Received::kSome) {
      co_await asio::post(asio::use_awaitable);
    } else if (const Status waited = co_await self->wire_->wait_readable(); !waited.ok()) {
      self->close(waited);
    }
  }
}

H2Session::Received H2Session::receive() {
  std::array<uint8_t, kReadBytes> buffer;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const auto got = wire_->try_read(asio::buffer(buffer));
    if (!got.ok() || *got == 0u) {
      close(got.ok() ? unavailable("connection closed by the peer") : got.status());
      return Received::kEnd;
    }
    if (!got->has_value()) return Received::kAll;
    const ssize_t used = nghttp2_session_mem_recv(session_, buffer.data(), **got);
    if (used < 0) {
      close(unavailable("HTTP/2: {}", nghttp2_strerror(static_cast<int>(used))));
      return Received::kEnd;
    }
  }
  return Received::kSome;
}

void H2Session::fill(std::string& out) {
  if (!is_open()) return;
  filling_ = &out;
  const int result = nghttp2_session_send(session_);
  filling_ = nullptr;
  if (result != 0) {
    close(unavailable("HTTP/2: {}", nghttp2_strerror(result)));
  } else if (out.empty()) {
    close_if_done();
  }
}

void H2Session::close_if_done() {
  if (nghttp2_session_want_read(session_) || nghttp2_session_want_write(session_)) return;
  close(unavailable("connection ended"));
}

void H2Session::push(H2Stream& stream, std::shared_ptr<const std::string> piece) {
  if (stream.closed || piece->empty()) return;
  stream.outgoing.push(std::move(piece));
  if (std::exchange(stream.deferred, false)) nghttp2_session_resume_data(session_, stream.id);
  flush();
}

void H2Session::end(H2Stream& stream) {
  if (stream.closed || std::exchange(stream.ended, true)) return;
  if (std::exchange(stream.deferred, false)) nghttp2_session_resume_data(session_, stream.id);
  flush();
}

awaitable<bool> H2Session::room(std::shared_ptr<H2Stream> stream, size_t limit) {
  while (!stream->closed && stream->outgoing.bytes() >= limit) co_await stream->room.wait();
  co_return !stream->closed;
}

void H2Session::consume(H2Stream& stream, size_t count) {
  if (stream.closed || !is_open()) return;
  nghttp2_session_consume_stream(session_, stream.id, count);
  if (nghttp2_session_want_write(session_)) flush();
}

void H2Session::reset(H2Stream& stream, uint32_t error) {
  if (stream.closed || !is_open()) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, error);
  flush();
}

void H2Session::go_away() {
  if (!is_open()) return;
  nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
  flush();
}

void H2Session::close(const Status& why) {
  if (!is_open()) return;
  status_ = why;
  const auto keep = weak_from_this().lock();
  wire_->close();
  const auto streams = std::exchange(streams_, {});
  for (const auto& [id, stream] : streams) {
    stream->closed = true;
    stream->outgoing.clear();
    stream->on_close(NGHTTP2_INTERNAL_ERROR);
    stream->room.notify();
  }
  on_closed();
}

void H2Session::adopt(int32_t id, const std::shared_ptr<H2Stream>& stream) {
  stream->id = id;
  streams_.emplace(id, stream);
}

void H2Session::drop(int32_t id, uint32_t error) {
  const auto node = streams_.extract(id);
  if (node.empty()) return;
  H2Stream& stream = *node.mapped();
  stream.closed = true;
  stream.outgoing.clear();
  stream.on_close(error);
  stream.room.notify();
}

H2Stream* H2Session::find(int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

}  // namespace skiff::http
