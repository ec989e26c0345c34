// SPDX-License-Identifier: Apache-2.0
// A client that keeps what it was answered.
#pragma once

#include <string>

#include "base/http/message.h"

namespace skiff::server {

class Answer final : public http::ResponseWriter {
 public:
  int status = 0;
  std::string body;
  bool gone = false;

  awaitable<Status> respond(http::Response response) override {
    status = response.status;
    body = response.body_text();
    co_return absl::OkStatus();
  }
  awaitable<Status> start(int code, http::Headers) override {
    status = code;
    co_return absl::OkStatus();
  }
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override {
    body += *chunk;
    co_return absl::OkStatus();
  }
  bool cancelled() const override { return gone; }
  void on_cancel(std::function<void()>) override {}
  awaitable<Result<std::unique_ptr<http::ByteStream>>> upgrade(http::Headers) override {
    co_return unimplemented("no upgrade in this test");
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> hijack() override {
    co_return unimplemented("no connection in this test");
  }
};

}  // namespace skiff::server
