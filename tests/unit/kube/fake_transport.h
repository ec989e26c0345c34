// SPDX-License-Identifier: Apache-2.0
// A Transport that answers what a test laid out, in order.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kube/transport.h"

namespace skiff::kube {

// A stream of pieces; then it breaks, ends, or stays open.
class FakeStream final : public http::BodyReader {
 public:
  enum class End { kBreaks, kEnds, kStays };
  FakeStream(const Executor& executor, int status, std::vector<std::string> pieces, End end)
      : status_(status), pieces_(pieces.begin(), pieces.end()), end_(end), never_(executor) {}

  int status() const override { return status_; }
  const http::Headers& headers() const override { return headers_; }
  awaitable<Result<std::string>> read() override {
    if (!pieces_.empty()) {
      std::string piece = std::move(pieces_.front());
      pieces_.pop_front();
      co_return piece;
    }
    if (end_ == End::kBreaks) co_return unavailable("connection reset");
    if (end_ == End::kStays) co_await never_.wait();
    co_return std::string();
  }

 private:
  int status_;
  http::Headers headers_;
  std::deque<std::string> pieces_;
  End end_;
  Event never_;
};

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(const Executor& executor) : executor_(executor) {}

  std::deque<std::pair<int, std::string>> answers;  // to call(); the last one is given for ever
  std::deque<std::unique_ptr<FakeStream>> streams;  // to stream(); then streams that stay open
  std::vector<std::string> asked;                   // "GET /api/v1/pods?watch=1 BODY"

  void will_stream(std::vector<std::string> pieces, FakeStream::End end, int status = 200) {
    streams.push_back(std::make_unique<FakeStream>(executor_, status, std::move(pieces), end));
  }

  awaitable<Result<http::Response>> call(http::Request request) override {
    note(request);
    auto [status, body] = answers.front();
    if (answers.size() > 1) answers.pop_front();
    co_return http::Response::text(status, body);
  }
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request request) override {
    note(request);
    if (streams.empty()) will_stream({}, FakeStream::End::kStays);
    std::unique_ptr<http::BodyReader> next = std::move(streams.front());
    streams.pop_front();
    co_return next;
  }

 private:
  void note(const http::Request& request) {
    std::string text = request.method + " " + request.path;
    if (!request.query.fields().empty()) text += "?" + request.query.encode();
    if (!request.body.empty()) text += " " + request.body;
    asked.push_back(std::move(text));
  }

  Executor executor_;
};

}  // namespace skiff::kube
