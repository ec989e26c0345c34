// SPDX-License-Identifier: Apache-2.0
// The client's side of one HTTP/2 connection, carrying all exchanges with a server.
#pragma once

#include <memory>
#include <string>

#include "base/http/exchange.h"
#include "base/http/h2_session.h"

namespace skiff::http {

class H2ClientSession final : public H2Session {
 public:
  // Pings after `ping_interval` of silence; no sign of life within another ends the connection.
  H2ClientSession(const Executor& executor, std::shared_ptr<Wire> wire,
                  std::chrono::steady_clock::duration ping_interval);
  void connect();

  // Takes new requests.
  bool is_usable() const { return is_open() && !leaving_; }
  // `authority` is for requests that name no host.
  std::shared_ptr<Exchange> open(const Request& request, const std::string& authority);

 private:
  void on_go_away() override { leaving_ = true; }
  void on_closed() override { ping_timer_.cancel(); }
  void watch_link();

  const std::chrono::steady_clock::duration ping_interval_;
  asio::steady_timer ping_timer_;
  uint64_t received_before_ = 0;  // what the wire had brought when the timer looked last
  bool pinged_ = false;           // then
  bool leaving_ = false;          // the server said GOAWAY
};

class H2Exchange final : public H2Stream,
                         public Exchange,
                         public std::enable_shared_from_this<H2Exchange> {
 public:
  H2Exchange(const Executor& executor, std::weak_ptr<H2ClientSession> session);

  awaitable<Status> head() override;
  int status() const override { return status_; }
  const Headers& headers() const override { return headers_; }
  awaitable<Result<std::string>> read() override;
  void cancel(const Status& why) override;
  bool unprocessed() const override { return unprocessed_; }

  void on_header(std::string_view name, std::string_view value) override;
  void on_head() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_close(uint32_t error) override;

 private:
  std::weak_ptr<H2ClientSession> session_;
  int status_ = 0;
  Headers headers_;
  std::string received_;  // not read yet
  bool has_head_ = false;
  bool complete_ = false;
  bool unprocessed_ = false;
  Status failure_;
  Event progress_;
};

}  // namespace skiff::http
