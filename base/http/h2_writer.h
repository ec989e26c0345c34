// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 answer on its way out.
#pragma once

#include <memory>

#include "base/http/h2_server.h"

namespace skiff::http {

class H2Writer final : public ResponseWriter {
 public:
  H2Writer(std::shared_ptr<H2ServerSession> session, std::shared_ptr<H2ServerStream> stream,
           bool head_only);
  ~H2Writer() override;

  awaitable<Status> respond(Response response) override;
  awaitable<Status> start(int status, Headers headers) override;
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override;
  bool cancelled() const override { return stream_->gone(); }
  void on_cancel(std::function<void()> fn) override { stream_->on_gone(std::move(fn)); }
  awaitable<Result<std::unique_ptr<ByteStream>>> upgrade(Headers headers) override;
  awaitable<Result<std::unique_ptr<ByteStream>>> hijack() override;

  // After the handler.
  void finish();

 private:
  enum class State { kSilent, kWhole, kStreaming };

  void answer(Response response);
  Status sent() const;

  std::shared_ptr<H2ServerSession> session_;
  std::shared_ptr<H2ServerStream> stream_;
  bool head_only_;
  State state_ = State::kSilent;
};

}  // namespace skiff::http
