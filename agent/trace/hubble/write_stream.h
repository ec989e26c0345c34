// SPDX-License-Identifier: Apache-2.0
// One call of Hubble's API that is answered by a stream. Lives until gRPC is done with it and the
// loop is; gRPC's threads only post.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>

#include "base/async.h"

namespace skiff::trace::hubble {

template <class Response>
class WriteStream : public grpc::ServerWriteReactor<Response>,
                    public std::enable_shared_from_this<WriteStream<Response>> {
 public:
  WriteStream(const Executor& executor, std::string name)
      : executor_(executor), name_(std::move(name)), written_(executor) {}

  // Any thread. Keeps itself alive from here on.
  void begin() {
    self_ = this->shared_from_this();
    asio::post(executor_, [self = self_] { spawn(self->executor_, self->name_, run(self)); });
  }

 protected:
  // On the loop: writes all there is to say. The call ends with what it returns.
  virtual awaitable<grpc::Status> pump() = 0;

  // False: the client has gone.
  awaitable<bool> write(Response response) {
    response_ = std::move(response);
    {
      const std::lock_guard lock(ending_);
      if (finished_) co_return false;
      writing_ = true;
      this->StartWrite(&response_);
    }
    while (writing_) co_await written_.wait();
    co_return !gone_;
  }
  bool gone() const { return gone_; }

 private:
  void OnWriteDone(bool ok) override {
    asio::post(executor_, [self = self_, ok] {
      self->writing_ = false;
      self->gone_ = self->gone_ || !ok;
      self->written_.notify();
    });
  }
  void OnCancel() override {
    finish(grpc::Status::CANCELLED);
    asio::post(executor_, [self = self_] { self->gone_ = true; });
  }
  void OnDone() override { self_.reset(); }

  static awaitable<void> run(std::shared_ptr<WriteStream> self) {
    const grpc::Status status = co_await self->pump();
    self->finish(status);
  }
  void finish(const grpc::Status& status) {
    const std::lock_guard lock(ending_);
    if (!std::exchange(finished_, true)) this->Finish(status);
  }

  Executor executor_;
  std::string name_;
  Response response_;  // being written
  Event written_;
  bool writing_ = false;
  bool gone_ = false;  // the client
  std::shared_ptr<WriteStream> self_;
  // gRPC ends a call from its own threads when the server stops: nothing may be written after that.
  std::mutex ending_;
  bool finished_ = false;
};

}  // namespace skiff::trace::hubble
