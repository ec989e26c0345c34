// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.x answer on its way out.
#pragma once

#include <memory>
#include <string>

#include "base/http/message.h"

namespace skiff::http {

class H1Connection;

class H1Writer final : public ResponseWriter {
 public:
  struct Options {
    bool head_only = false;  // the answer to HEAD: no body
    bool http10 = false;     // no chunks: the end of the connection ends the body
    bool keep_alive = false;
  };
  H1Writer(H1Connection& connection, Options options);
  ~H1Writer() override;

  awaitable<Status> respond(Response response) override;
  awaitable<Status> start(int status, Headers headers) override;
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override;
  bool cancelled() const override;
  void on_cancel(std::function<void()> fn) override;
  awaitable<Result<std::unique_ptr<ByteStream>>> upgrade(Headers headers) override;
  awaitable<Result<std::unique_ptr<ByteStream>>> hijack() override;

  // After the handler. True: the connection can take another request.
  awaitable<bool> finish();

 private:
  enum class State { kSilent, kWhole, kStreaming, kDetached };

  void write_head(int status, const Headers& headers);

  H1Connection& connection_;
  Options options_;
  State state_ = State::kSilent;
  bool chunked_ = false;
};

// "name: value" lines; line breaks within values become spaces.
void append_headers(std::string& out, const Headers& headers);

}  // namespace skiff::http
