// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/local_transport.h"

#include <deque>

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

// What the handler's coroutine and the reader share: the answer so far. Lives until both are done.
struct Pipe {
  explicit Pipe(const Executor& executor) : changed(executor), drained(executor) {}

  bool started = false;
  bool ended = false;
  bool cancelled = false;
  int status = 200;
  http::Headers headers;
  std::deque<std::shared_ptr<const std::string>> chunks;
  std::function<void()> on_cancel;
  Event changed;  // something to read
  Event drained;  // room to write
};
using PipePtr = std::shared_ptr<Pipe>;

constexpr size_t kMaxChunks = 64;  // waiting in a pipe before its writer waits

class PipeWriter final : public http::ResponseWriter {
 public:
  explicit PipeWriter(PipePtr pipe) : pipe_(std::move(pipe)) {}

  awaitable<Status> respond(http::Response response) override {
    pipe_->status = response.status;
    pipe_->headers = std::move(response.headers);
    for (auto& piece : response.body)
      if (!piece->empty()) pipe_->chunks.push_back(std::move(piece));
    pipe_->started = true;
    pipe_->changed.notify();
    co_return absl::OkStatus();
  }
  awaitable<Status> start(int status, http::Headers headers) override {
    pipe_->status = status;
    pipe_->headers = std::move(headers);
    pipe_->started = true;
    pipe_->changed.notify();
    co_return absl::OkStatus();
  }
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override {
    while (pipe_->chunks.size() >= kMaxChunks && !pipe_->cancelled) co_await pipe_->drained.wait();
    if (pipe_->cancelled) co_return ::skiff::cancelled("the reader has gone");
    if (!chunk->empty()) pipe_->chunks.push_back(std::move(chunk));
    pipe_->changed.notify();
    co_return absl::OkStatus();
  }
  bool cancelled() const override { return pipe_->cancelled; }
  void on_cancel(std::function<void()> fn) override {
    if (pipe_->cancelled) {
      fn();
    } else {
      pipe_->on_cancel = std::move(fn);
    }
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> upgrade(http::Headers) override {
    co_return unimplemented("no upgrades in process");
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> hijack() override {
    co_return unimplemented("no upgrades in process");
  }

 private:
  PipePtr pipe_;
};

class PipeReader final : public http::BodyReader {
 public:
  explicit PipeReader(PipePtr pipe) : pipe_(std::move(pipe)) {}
  ~PipeReader() override {
    pipe_->cancelled = true;
    pipe_->drained.notify();
    if (auto fn = std::exchange(pipe_->on_cancel, nullptr)) fn();
  }
  int status() const override { return pipe_->status; }
  const http::Headers& headers() const override { return pipe_->headers; }
  awaitable<Result<std::string>> read() override {
    while (pipe_->chunks.empty()) {
      if (pipe_->ended) co_return std::string();
      co_await pipe_->changed.wait();
    }
    std::string text = *pipe_->chunks.front();
    pipe_->chunks.pop_front();
    pipe_->drained.notify();
    co_return text;
  }

 private:
  PipePtr pipe_;
};

awaitable<void> run(Server& server, User user, http::Request request, PipePtr pipe) {
  PipeWriter writer(pipe);
  co_await server.serve_as(std::move(user), std::move(request), writer);
  pipe->on_cancel = nullptr;
  pipe->ended = true;
  pipe->started = true;
  pipe->changed.notify();
}

// Callers may put the query into the path, as they would on a wire.
http::Request normalized(http::Request request) {
  const size_t mark = request.path.find('?');
  if (mark != std::string::npos) {
    const http::Query query = http::Query::parse(std::string_view(request.path).substr(mark + 1));
    for (const auto& [name, value] : query.fields()) request.query.add(name, value);
    request.path.resize(mark);
  }
  request.path = http::percent_decode(request.path);
  return request;
}

}  // namespace

User system_user(std::string name) {
  return {.name = std::move(name), .groups = {kMasters, "system:authenticated"}};
}

awaitable<Result<http::Response>> LocalTransport::call(http::Request request) {
  auto pipe = std::make_shared<Pipe>(executor_);
  // In this coroutine, not a new one: a whole answer needs no reader at its side.
  PipeWriter writer(pipe);
  co_await server_.serve_as(user_, normalized(std::move(request)), writer);
  http::Response response;
  response.status = pipe->status;
  response.headers = std::move(pipe->headers);
  response.body.assign(pipe->chunks.begin(), pipe->chunks.end());
  co_return response;
}

awaitable<Result<std::unique_ptr<http::BodyReader>>> LocalTransport::stream(http::Request request) {
  auto pipe = std::make_shared<Pipe>(executor_);
  spawn(executor_, "local request", run(server_, user_, normalized(std::move(request)), pipe));
  while (!pipe->started) co_await pipe->changed.wait();
  co_return std::make_unique<PipeReader>(pipe);
}

}  // namespace skiff::apiserver
