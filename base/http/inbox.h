// SPDX-License-Identifier: Apache-2.0
// The bytes a connection has received and nobody has taken yet. Reads ahead, within a limit, so
// that the end of a connection is noticed while its owner does something else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/http/wire.h"

namespace skiff::http {

class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  Inbox(const Executor& executor, std::shared_ptr<Wire> wire);

  // Reads until the connection ends. Call once.
  void start();
  std::string_view bytes() const { return std::string_view(buffer_).substr(taken_); }
  void consume(size_t count);
  // Suspends until there are more bytes than now. False: the connection has ended.
  awaitable<bool> more();
  bool ended() const { return ended_; }
  // Why it ended; OK: the other side ended its direction.
  const Status& status() const { return status_; }
  // Called once at the end, and at once if it has come already. Null takes the call back.
  void on_end(std::function<void()> fn);

 private:
  static awaitable<void> run(std::shared_ptr<Inbox> self);
  // False: the connection has ended.
  bool receive();

  Executor executor_;
  std::shared_ptr<Wire> wire_;
  std::string buffer_;
  size_t taken_ = 0;
  bool ended_ = false;
  Status status_;
  std::function<void()> on_end_;
  Event arrived_;
  Event room_;
};

}  // namespace skiff::http
