// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 stream: what is queued on it to go out, and what comes in as its owner takes it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"

namespace skiff::http {

// Pieces of a body waiting for the peer's window. Shared with whoever else sends them.
class SendQueue {
 public:
  void push(std::shared_ptr<const std::string> piece);
  // Appends the first `count` bytes to `out` and forgets them. `count` <= bytes().
  void take(size_t count, std::string& out);
  size_t bytes() const { return bytes_; }
  void clear();

 private:
  std::vector<std::shared_ptr<const std::string>> pieces_;
  size_t first_ = 0;   // of pieces_, not sent yet
  size_t offset_ = 0;  // within it
  size_t bytes_ = 0;
};

// The on_…() calls come from within reading: they may submit frames, but must not block.
class H2Stream {
 public:
  explicit H2Stream(const Executor& executor) : room(executor) {}
  virtual ~H2Stream() = default;
  virtual void on_header(std::string_view name, std::string_view value) = 0;
  // A header block is complete (there may be several: 1xx, trailers).
  virtual void on_head() = 0;
  virtual void on_data(std::string_view bytes) = 0;
  virtual void on_end() = 0;
  // The last call: the stream is over, or the connection. `error` is an HTTP/2 code, 0: regularly.
  virtual void on_close(uint32_t error) = 0;

  int32_t id = -1;
  SendQueue outgoing;
  bool ended = false;     // nothing will be added to `outgoing`
  bool deferred = false;  // nghttp2 has been told that there is nothing to send
  bool closed = false;
  Event room;  // notified when `outgoing` has shrunk, and at the end
};

}  // namespace skiff::http
