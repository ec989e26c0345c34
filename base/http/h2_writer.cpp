// SPDX-License-Identifier: Apache-2.0
#include "base/http/h2_writer.h"

namespace skiff::http {
namespace {
constexpr size_t kQueueBytes = 256 * 1024;
}

H2Writer::H2Writer(std::shared_ptr<H2ServerSession> session, std::shared_ptr<H2ServerStream> stream,
                   bool head_only)
    : session_(std::move(session)), stream_(std::move(stream)), head_only_(head_only) {}

H2Writer::~H2Writer() {
  stream_->on_gone(nullptr);
}

Status H2Writer::sent() const {
  return stream_->gone() ? unavailable("the client has gone") : absl::OkStatus();
}

void H2Writer::answer(Response response) {
  state_ = State::kWhole;
  size_t length = 0;
  for (auto& piece : response.body) {
    length += piece->size();
    if (!head_only_) session_->push(*stream_, std::move(piece));
  }
  if (response.headers.get("content-length").empty() && response.status != 204 &&
      response.status != 304) {
    response.headers.add("content-length", std::to_string(length));
  }
  session_->end(*stream_);
  session_->submit_head(*stream_, response.status, response.headers, length > 0 && !head_only_);
}

awaitable<Status> H2Writer::respond(Response response) {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  answer(std::move(response));
  co_return sent();
}

awaitable<Status> H2Writer::start(int status, Headers headers) {
  if (state_ != State::kSilent) co_return internal_error("answered twice");
  state_ = State::kStreaming;
  if (head_only_) session_->end(*stream_);
  session_->submit_head(*stream_, status, headers, !head_only_);
  co_return sent();
}

awaitable<Status> H2Writer::write(std::shared_ptr<const std::string> chunk) {
  if (state_ != State::kStreaming) co_return internal_error("write before start");
  if (stream_->gone() || head_only_) co_return sent();
  session_->push(*stream_, std::move(chunk));
  if (stream_->outgoing.bytes() >= kQueueBytes) co_await H2Session::room(stream_, kQueueBytes);
  co_return sent();
}

awaitable<Result<std::unique_ptr<ByteStream>>> H2Writer::upgrade(Headers) {
  co_return unimplemented("no upgrade over HTTP/2");
}

awaitable<Result<std::unique_ptr<ByteStream>>> H2Writer::hijack() {
  co_return unimplemented("no raw connection over HTTP/2");
}

void H2Writer::finish() {
  if (state_ == State::kSilent) {
    answer(Response::text(500, "no answer\n"));
  } else if (state_ == State::kStreaming) {
    session_->end(*stream_);
  }
}

}  // namespace skiff::http
