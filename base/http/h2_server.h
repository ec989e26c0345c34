// SPDX-License-Identifier: Apache-2.0
// The server's side of one HTTP/2 connection: each request a coroutine of its own.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/http/h2_session.h"
#include "base/http/server_state.h"

namespace skiff::http {

class H2ServerStream;

class H2ServerSession final : public H2Session {
 public:
  explicit H2ServerSession(Accepted accepted);
  void serve();

  // `stream`'s request is complete.
  void ready(const std::shared_ptr<H2ServerStream>& stream);
  // Without a body the stream ends here.
  void submit_head(H2ServerStream& stream, int status, const Headers& headers, bool body);

 private:
  std::shared_ptr<H2Stream> accept() override;
  void after_read() override;
  void on_settings() override { deadline_.disarm(); }
  void on_closed() override;
  void watch_idleness();
  static awaitable<void> handle(std::shared_ptr<H2ServerSession> self,
                                std::shared_ptr<H2ServerStream> stream);

  Accepted accepted_;
  Deadline deadline_;  // for the preface
  asio::steady_timer idle_;
  uint64_t received_before_ = 0;  // what the wire had brought when the idle timer looked last
  std::vector<std::shared_ptr<H2ServerStream>> ready_;
  size_t handlers_ = 0;
};

// Gathers a request. Its session is alive as long as it is open; a handler keeps both.
class H2ServerStream final : public H2Stream, public std::enable_shared_from_this<H2ServerStream> {
 public:
  H2ServerStream(H2ServerSession& session, const Executor& executor, const ServerOptions& options)
      : H2Stream(executor), session_(session), options_(options), linger_(executor) {}

  Request take_request() { return std::move(request_); }
  // The client will not read the answer to its end.
  bool gone() const { return gone_; }
  // Calls `fn` once when that happens, at once if it has.
  void on_gone(std::function<void()> fn);

  void on_header(std::string_view name, std::string_view value) override;
  void on_head() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_close(uint32_t error) override;

 private:
  void refuse(int status);

  H2ServerSession& session_;
  const ServerOptions& options_;
  Request request_;
  size_t header_bytes_ = 0;
  bool head_done_ = false;
  bool refused_ = false;
  asio::steady_timer linger_;  // from a refusal to the reset
  bool gone_ = false;
  std::function<void()> on_gone_;
};

}  // namespace skiff::http
