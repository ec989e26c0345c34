// SPDX-License-Identifier: Apache-2.0
// Bytes on their way out of a connection. What is put in during one turn of the loop leaves in one
// write: a watch event costs an append, not a system call.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/http/deadline.h"

namespace skiff::http {

class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  // A peer that takes nothing for `stall` is given up.
  Outbox(const Executor& executor, std::shared_ptr<Wire> wire,
         std::chrono::steady_clock::duration stall);

  // Asked for more when the buffer is empty (HTTP/2: what flow control lets through).
  void set_source(std::function<void(std::string&)> source) { source_ = std::move(source); }
  // Called once when writing has failed.
  void on_failure(std::function<void()> fn) { on_failure_ = std::move(fn); }

  // Append here, then flush_soon().
  std::string& buffer() { return pending_; }
  void flush_soon();
  // Suspends while `limit` or more bytes wait. The failure of the connection, if it failed.
  awaitable<Status> room(size_t limit);
  // Suspends until everything is with the kernel.
  awaitable<Status> flush();
  // Writes `bytes` without copying, after all that was put in before.
  awaitable<Status> write(asio::const_buffer bytes);
  const Status& status() const { return status_; }

 private:
  static awaitable<void> run(std::shared_ptr<Outbox> self);
  bool refill();

  Executor executor_;
  std::shared_ptr<Wire> wire_;
  std::chrono::steady_clock::duration stall_;
  Deadline deadline_;
  std::function<void(std::string&)> source_;
  std::function<void()> on_failure_;
  std::string pending_;
  std::string sending_;
  bool running_ = false;
  Status status_;
  Event drained_;
};

}  // namespace skiff::http
